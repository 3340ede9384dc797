"""Export models and ensembles for prediction: networks, vocabulary, figures → folders that need no TensorFlow.

    python -m stages.export
    python -m stages.export vgg all

Temperature and threshold of each are fitted on the PublicTest faces without a duplicate in Training, for a face and its
mirror image.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from openfer import files
from openfer.emotions import EMOTIONS, TRAINING
from openfer.evaluation.calibration import class_shares
from openfer.evaluation.ensemble import SYSTEMS, combine, display_name, members, systems
from openfer.export.calibration import at_threshold, calibrate, fitting_rows, prior_of
from openfer.export.model_card import model_card
from openfer.export.model_folder import ExportedModel, save
from openfer.prediction.crops import PLAIN
from openfer.training.dataset import Dataset
from pipeline import arrays, backend, params, paths, registry, versions
from stages import run_for_names

REGISTERED = "all"
"""The ensemble that is registered with MLflow."""

CHECKED = 100
"""Faces on which exported and Keras networks are compared."""


def main(names: Sequence[str]) -> None:
    """Export, compare with the Keras networks, register the ensemble of all six.

    Args:
        names: of models and ensembles.
    """
    versions.require(["numpy", "keras", "tensorflow", "opencv", "onnxruntime", "onnx", "tf2onnx", "scipy"])
    backend.choose("tensorflow")
    from openfer.export.conversion import joined, require_parity  # only now: it imports Keras

    sure_accuracy = params.load("export").sure_accuracy
    evaluation = files.load_json(paths.evaluation_path(paths.METRICS))
    (images, labels, split), emotions = arrays.faces(), tuple(arrays.emotions())
    rows = fitting_rows(images, split)
    faces, settings = images[rows], descriptor_settings()
    prior = prior_of(class_shares(labels[split == TRAINING], len(emotions)), emotions=emotions)
    models = sorted({model for name in names for model in members(name)}, key=SYSTEMS.index)
    contents, answers = converted(models, faces, rows[:CHECKED], len(images), emotions)
    predicted: dict[str, np.ndarray] = {}
    for name, answer in tqdm(systems(answers, names).items(), desc="Exporting", unit="model"):
        content = joined({model: contents[model] for model in members(name)})
        facts = facts_of(name, settings) | {"labels": "fer2013", "prior": prior}
        facts |= {} if emotions == EMOTIONS else {"emotions": list(emotions)}
        vocabulary = np.array(arrays.vocabulary()) if "sift" in facts["descriptors"] else None
        exported = ExportedModel.of(content, facts, vocabulary)
        require_parity(name, exported.uncalibrated(faces[:CHECKED], [PLAIN]), answer)
        if not predicted.keys() >= set(members(name)):
            predicted[name] = exported.uncalibrated(faces)
        probabilities = predicted[name] if name in predicted else combine([predicted[one] for one in members(name)])
        facts |= calibrate(probabilities, labels[rows], sure_accuracy, prior)
        facts["public_test"] = at_threshold(probabilities, labels[rows], facts)
        folder = paths.exported_path(name)
        files.save_text(folder / "README.md", model_card(facts, evaluation))
        save(folder, content, facts, vocabulary)
    if REGISTERED in names and paths.in_workspace():  # the latest model is served: no experiment takes its place
        registry.register(paths.project_root(), paths.exported_path(REGISTERED), f"fer2013-{REGISTERED}", faces[:2])
    print(f"{len(names)} models in {paths.EXPORTED}/")


def converted(
    models: Sequence[str], faces: np.ndarray, rows: np.ndarray, count: int, emotions: tuple[str, ...]
) -> tuple[dict[str, bytes], dict[str, np.ndarray]]:
    """Return each network as ONNX, and what Keras predicts for the first faces, (len(rows), classes).

    Args:
        models: names of the networks.
        faces: (n, 48, 48) of PublicTest.
        rows: of the first of them in the data set.
        count: of all faces of the data set.
        emotions: what the labels of the faces tell apart.

    Raises:
        Refused: a network tells others apart.
    """
    from openfer.export.conversion import to_onnx
    from openfer.networks.storage import emotions_of, load_network
    from openfer.prediction.predict import predict

    contents, expected = {}, {}
    described = {name: arrays.descriptors(name, count)[rows] for name in paths.descriptors_of(models)}
    for model in tqdm(models, desc="Converting", unit="model"):
        arrays.require_same(paths.model_path(model), emotions_of(paths.model_path(model)), emotions)
        network, descriptor = load_network(paths.model_path(model)), paths.descriptor_of(model)
        checked = Dataset(faces[: len(rows)], np.zeros(len(rows), np.uint8), described.get(descriptor))
        expected[model] = predict(network, checked)
        contents[model] = to_onnx(network, descriptor)
    return contents, expected


def facts_of(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what model.json holds of a model or ensemble before it is calibrated."""
    models = members(name)
    return {
        "name": name,
        "display_name": display_name(name),
        "descriptors": {descriptor: settings[descriptor] for descriptor in paths.descriptors_of(models)},
        "provenance": {str(path): files.digest(path, "md5") for path in map(paths.model_path, models)},
    }


def descriptor_settings() -> dict[str, Any]:
    """Return by descriptor what the stages that made it read of params.yaml."""
    sections = ("sift.keypoints", "sift.histograms", "dsift")
    key_points, histograms, grid = (dataclasses.asdict(params.load(section)) for section in sections)
    return {"sift": {"key_points": key_points, "histograms": histograms}, "dsift": grid}


if __name__ == "__main__":
    run_for_names(main, SYSTEMS, __doc__)
