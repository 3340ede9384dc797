"""Export every model and ensemble for prediction: networks, vocabulary, figures → folders that need no TensorFlow.

    python -m stages.export

Temperature and threshold of each are fitted on the PublicTest faces without a duplicate in Training, for a face and its
mirror image.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from openfer import files
from openfer.data.duplicates import twins
from openfer.emotions import PUBLIC_TEST, TRAINING
from openfer.evaluation.ensemble import ENSEMBLES, MODELS, combine, display_name, systems
from openfer.export.calibration import at_threshold, calibrate
from openfer.export.model_card import model_card
from openfer.export.model_folder import Bundle, save
from openfer.prediction.crops import PLAIN
from openfer.training.dataset import Dataset
from pipeline import arrays, backend, params, paths, registry, versions
from stages import run

REGISTERED = "all"
"""The ensemble that is registered with MLflow."""

CHECKED = 100
"""Faces on which exported and Keras networks are compared."""


def main() -> None:
    """Export all, compare with the Keras networks, register the ensemble of all six."""
    versions.require(["numpy", "keras", "tensorflow", "opencv", "onnxruntime"])
    backend.choose("tensorflow")
    from openfer.export.conversion import joined, require_parity  # only now: it imports Keras

    sure_accuracy = params.load("export").sure_accuracy
    evaluation = files.load_json(paths.evaluation_path(paths.METRICS))
    images, labels, split = arrays.faces()
    rows = np.flatnonzero(split == PUBLIC_TEST)
    faces, actual = images[rows], labels[rows]
    unique = ~twins(faces, images[split == TRAINING])
    settings, vocabulary = descriptor_settings(), np.array(arrays.vocabulary())
    contents, expected = converted(faces, rows[:CHECKED], len(images))

    predicted = {}
    for name, answer in tqdm(systems(expected).items(), desc="Exporting", unit="model"):
        members = ENSEMBLES[name][1] if name in ENSEMBLES else (name,)
        content = contents[name] if name in contents else joined({model: contents[model] for model in members})
        facts = facts_of(name, members, settings)
        bundle = Bundle.of(content, facts, vocabulary if "sift" in facts["descriptors"] else None)
        require_parity(name, bundle.uncalibrated(faces[:CHECKED], [PLAIN]), answer)
        predicted[name] = (
            combine([predicted[model] for model in members]) if name in ENSEMBLES else bundle.uncalibrated(faces)
        )
        facts |= calibrate(predicted[name][unique], actual[unique], sure_accuracy)
        facts["public_test"] = at_threshold(predicted[name][unique], actual[unique], facts)
        folder = paths.exported_path(name)
        files.save_text(folder / "README.md", model_card(facts, evaluation))
        save(folder, content, facts, bundle.vocabulary)
    if paths.in_workspace():  # the latest model is served: no experiment in a clone takes its place
        registry.register(paths.project_root(), paths.exported_path(REGISTERED), f"fer2013-{REGISTERED}", faces[:2])
    print(f"{len(predicted)} models in {paths.EXPORTED}/")


def converted(faces: np.ndarray, rows: np.ndarray, count: int) -> tuple[dict[str, bytes], dict[str, np.ndarray]]:
    """Return each network as ONNX, and what Keras says of the first faces, (len(rows), 7).

    Args:
        faces: (n, 48, 48) of PublicTest.
        rows: of the first of them in the data set.
        count: of all faces of the data set.
    """
    from openfer.export.conversion import to_onnx
    from openfer.networks.storage import load_network
    from openfer.prediction.predict import predict

    contents, expected = {}, {}
    for model in tqdm(MODELS, desc="Converting", unit="model"):
        network, descriptor = load_network(paths.model_path(model)), paths.descriptor_of(model)
        described = arrays.descriptors(descriptor, count)[rows] if descriptor else None
        expected[model] = predict(network, Dataset(faces[: len(rows)], np.zeros(len(rows), np.uint8), described))
        contents[model] = to_onnx(network, descriptor)
    return contents, expected


def facts_of(name: str, members: Sequence[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what model.json holds of a model or ensemble before it is calibrated."""
    described = {paths.descriptor_of(model) for model in members} - {None}
    return {
        "name": name,
        "display_name": display_name(name),
        "descriptors": {descriptor: settings[descriptor] for descriptor in sorted(described)},
        "provenance": {str(path): files.digest(path, "md5") for path in map(paths.model_path, members)},
    }


def descriptor_settings() -> dict[str, Any]:
    """Return by descriptor what the stages that made it read of params.yaml."""
    sections = ("sift.keypoints", "sift.histograms", "dsift")
    key_points, histograms, grid = (dataclasses.asdict(params.load(section)) for section in sections)
    return {"sift": {"key_points": key_points, "histograms": histograms}, "dsift": grid}


if __name__ == "__main__":
    run(main)
