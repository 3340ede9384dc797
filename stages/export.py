"""Export every model and ensemble for prediction: networks, vocabulary, figures → folders that need no TensorFlow.

    python -m stages.export

Temperature and threshold of each are fitted on PublicTest, for a face and its mirror image; the figures of its card are
those of the stage evaluate.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

from openfer import files as artifacts
from openfer.emotions import PUBLIC_TEST
from openfer.errors import Refused
from openfer.evaluation.calibration import scaled, sure_from, temperature
from openfer.evaluation.ensemble import ENSEMBLES, MODELS, combine, display_name, systems
from openfer.export.conversion import joined, to_onnx
from openfer.export.model_card import model_card
from openfer.export.model_folder import Bundle, save
from openfer.prediction.predict import predict
from openfer.prediction.views import PLAIN
from openfer.training.dataset import Dataset
from pipeline import params
from pipeline.params import leaf
from pipeline.registry import register
from stages import run
from stages.dsift import Params as Grid
from stages.sift_descriptors import Params as KeyPoints
from stages.sift_histograms import Params as Histograms

REGISTERED = "all"
"""The ensemble that is registered with MLflow."""

CHECKED, PARITY = 100, 1e-4
"""Faces on which exported and Keras networks are compared, and the most by which a probability may differ."""


@dataclass(frozen=True)
class Params:
    """What the export reads of params.yaml beside the settings of the descriptors."""

    sure_accuracy: float = leaf("export.sure_accuracy", at_least=0, at_most=1)


def main() -> None:
    """Export all, compare with the Keras networks, register the ensemble of all six."""
    options, evaluation = params.load(Params), artifacts.load_json(artifacts.EVALUATION)
    images, labels, split = map(artifacts.load_array, (artifacts.IMAGES, artifacts.LABELS, artifacts.SPLIT))
    rows = np.flatnonzero(split == PUBLIC_TEST)
    faces, actual = images[rows], labels[rows]
    settings, vocabulary = descriptor_settings(), np.array(artifacts.load_array(artifacts.SIFT_VOCABULARY))

    expected, contents = {}, {}
    for model in tqdm(MODELS, desc="Convert", unit="model"):
        network = artifacts.load_network(artifacts.model_path(model))
        expected[model] = answers(model, network, faces, rows[:CHECKED])
        contents[model] = to_onnx(network, artifacts.descriptor_of(model))

    said = {}
    for name, answer in tqdm(systems(expected).items(), desc="Export", unit="model"):
        members = ENSEMBLES[name][1] if name in ENSEMBLES else (name,)
        content = joined({model: contents[model] for model in members}) if name in ENSEMBLES else contents[name]
        facts = facts_of(name, members, settings)
        bundle = Bundle.of(content, facts, vocabulary if "sift" in facts["descriptors"] else None)
        require_parity(name, bundle.predict(faces[:CHECKED], [PLAIN]), answer)
        said[name] = combine([said[model] for model in members]) if name in ENSEMBLES else bundle.predict(faces)
        facts |= calibration(said[name], actual, options.sure_accuracy)
        folder = artifacts.exported_path(name)
        artifacts.save_text(folder / "README.md", model_card(facts, evaluation))
        save(folder, content, facts, bundle.vocabulary)
    if artifacts.in_workspace():  # the latest model is served: no experiment in a clone takes its place
        register(artifacts.project_root(), artifacts.exported_path(REGISTERED), f"fer2013-{REGISTERED}", faces[:2])
    print(f"{len(said)} models in {artifacts.EXPORTED}/")


def answers(model: str, network: keras.Model, faces: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return what a Keras network says of the first faces, with their descriptors where it wants them."""
    descriptor = artifacts.descriptor_of(model)
    descriptors = artifacts.load_array(artifacts.descriptor_path(descriptor))[rows] if descriptor else None
    return predict(network, Dataset(faces[: len(rows)], np.zeros(len(rows), np.uint8), descriptors))


def facts_of(name: str, members: Sequence[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what model.json says of a model or ensemble before it is calibrated."""
    wanted = {artifacts.descriptor_of(model) for model in members} - {None}
    return {
        "name": name,
        "display_name": display_name(name),
        "temperature": 1.0,
        "descriptors": {descriptor: settings[descriptor] for descriptor in sorted(wanted)},
        "provenance": {str(path): artifacts.digest(path, "md5") for path in map(artifacts.model_path, members)},
    }


def descriptor_settings() -> dict[str, Any]:
    """Return by descriptor what the stages that made it read of params.yaml."""
    key_points, histograms, grid = (dataclasses.asdict(params.load(schema)) for schema in (KeyPoints, Histograms, Grid))
    return {"sift": {"key_points": key_points, "histograms": histograms}, "dsift": grid}


def require_parity(name: str, exported: np.ndarray, expected: np.ndarray) -> None:
    """Refuse an exported model that does not say what the networks say."""
    difference = float(np.abs(exported - expected).max())
    if difference > PARITY:
        raise Refused(f"{name}: a probability of the exported model differs by {difference:.2g}, more than {PARITY}")


def calibration(probabilities: np.ndarray, actual: np.ndarray, sure_accuracy: float) -> dict[str, Any]:
    """Fit temperature and threshold on PublicTest, and say how they do there."""
    fitted = temperature(probabilities, actual)
    calibrated = scaled(probabilities, fitted)
    threshold = sure_from(calibrated, actual, sure_accuracy)
    sure, right = calibrated.max(axis=1) >= threshold, probabilities.argmax(axis=1) == actual
    return {
        "temperature": fitted,
        "unsure_below": threshold,
        "public_test": {
            "accuracy": float(right.mean()),
            "sure_share": float(sure.mean()),
            "sure_accuracy": float(right[sure].mean()) if sure.any() else 0.0,
        },
    }


if __name__ == "__main__":
    run(main)
