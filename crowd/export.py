"""Export the networks of the crowd for prediction: networks, votes, figures → folders that need no TensorFlow.

python -m crowd.export

They answer in FER2013's seven expressions: contempt, where a network knows it, is left out. Temperature, threshold and
the strength of the prior are fitted on the PublicTest faces without a duplicate in Training in which people see an
expression; right is what most of them see.
"""

from typing import Any

import numpy as np

from crowd import ALL, DISPLAY_NAMES, MODELS
from openfer import files
from openfer.data.votes import Seen, learnable
from openfer.emotions import EMOTIONS, TRAINING
from openfer.evaluation.calibration import temperature
from openfer.evaluation.ensemble import combine
from openfer.export.calibration import at_threshold, calibrate, choose_strength, fitting_rows, prior_of
from openfer.export.crowd_card import crowd_card
from openfer.export.model_folder import ExportedModel, save
from openfer.prediction.crops import PLAIN
from openfer.training.dataset import Dataset
from pipeline import arrays, backend, params, paths, versions
from stages import run

CHECKED = 100
"""Faces on which exported and Keras networks are compared."""


def main() -> None:
    """Export each network, and their mean where they are several."""
    versions.require(["numpy", "keras", "tensorflow", "onnxruntime", "onnx", "tf2onnx", "scipy"])
    backend.choose("tensorflow")
    from openfer.export.conversion import joined  # only now: it imports Keras

    images, _, split = arrays.faces()
    seen, evaluation = learnable(arrays.votes(), len(EMOTIONS)), files.load_json(paths.CROWD / "evaluation.json")
    prior = prior_of(seen.shares[split[seen.rows] == TRAINING].mean(axis=0))
    judged = seen.among(fitting_rows(images, split))
    sources = {model: (model,) for model in MODELS} | ({ALL: MODELS} if len(MODELS) > 1 else {})
    contents = {model: converted(model, images[judged.rows[:CHECKED]]) for model in MODELS}
    answers = {
        model: ExportedModel.of(content, {"descriptors": {}}).uncalibrated(images[judged.rows])
        for model, content in contents.items()
    }
    for name, members in sources.items():
        probabilities = combine([answers[model] for model in members])
        facts = {"name": name, "display_name": DISPLAY_NAMES[name], "labels": "crowd", "descriptors": {}}
        facts |= {"provenance": {str(path): files.digest(path, "md5") for path in map(paths.model_path, members)}}
        facts |= fitted(probabilities, judged, prior)
        folder = paths.CROWD_EXPORTED / name
        files.save_text(folder / "README.md", crowd_card(facts, evaluation))
        save(folder, joined({model: contents[model] for model in members}), facts, vocabulary=None)
    print(f"{len(sources)} models in {paths.CROWD_EXPORTED}/")


def converted(model: str, faces: np.ndarray) -> bytes:
    """Return a network of seven classes in ONNX, compared with Keras on some faces (n, 48, 48)."""
    from openfer.export.conversion import of_seven, require_parity, to_onnx
    from openfer.networks.storage import load_network
    from openfer.prediction.predict import predict

    network = of_seven(load_network(paths.model_path(model)))
    content = to_onnx(network, None)
    answers = ExportedModel.of(content, {"descriptors": {}}).uncalibrated(faces, [PLAIN])
    require_parity(model, answers, predict(network, Dataset(faces, np.zeros(len(faces), np.uint8))))
    return content


def fitted(probabilities: np.ndarray, judged: Seen, prior: dict[str, Any]) -> dict[str, Any]:
    """Return prior, temperature, threshold, and how the model does at the threshold.

    Args:
        probabilities: (n, 7) as the network gives them.
        judged: what people see in the same faces.
        prior: of the faces that the networks learned from.
    """
    fitted_temperature = temperature(probabilities, judged.labels)
    strength, tried = choose_strength(probabilities, judged.shares, fitted_temperature, prior)
    facts: dict[str, Any] = {"prior": prior | {"strength": strength}, "prior_cross_entropy": tried}
    facts |= calibrate(probabilities, judged.labels, params.load("export", params.CROWD).sure_accuracy, facts["prior"])
    return facts | {"public_test": at_threshold(probabilities, judged.labels, facts)}


if __name__ == "__main__":
    run(main)
