"""Export the network of transfer/train.py for prediction: network, faces → a folder that needs no TensorFlow.

    python -m transfer.export

Temperature and threshold are fitted on the PublicTest faces without a duplicate in Training, as in stages/export.py.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from openfer import files
from openfer.emotions import EMOTIONS, TRAINING
from openfer.evaluation.calibration import class_shares
from openfer.export.calibration import at_threshold, calibrate, fitting_rows, prior_of
from openfer.export.model_folder import ExportedModel, save
from openfer.prediction.crops import PLAIN
from openfer.training.dataset import Dataset
from pipeline import arrays, backend, params, paths, versions
from stages import run
from stages.export import CHECKED
from transfer import MODEL


def main() -> None:
    """Convert, compare with the Keras network, calibrate, write."""
    versions.require(["numpy", "keras", "tensorflow", "onnxruntime", "onnx", "tf2onnx", "scipy"])
    backend.choose("tensorflow")
    (images, labels, split), emotions = arrays.faces(), tuple(arrays.emotions())
    rows = fitting_rows(images, split)
    prior = prior_of(class_shares(labels[split == TRAINING], len(emotions)), emotions=emotions)
    facts = {"name": MODEL, "display_name": "own network", "labels": "own", "descriptors": {}, "prior": prior}
    facts |= {} if emotions == EMOTIONS else {"emotions": list(emotions)}
    facts |= {"provenance": {str(paths.model_path(MODEL)): files.digest(paths.model_path(MODEL), "md5")}}
    content = converted(images[rows[:CHECKED]], emotions, facts)
    probabilities = ExportedModel.of(content, facts).uncalibrated(images[rows])
    facts |= calibrate(probabilities, labels[rows], params.load("export", params.TRANSFER).sure_accuracy, prior)
    facts["public_test"] = at_threshold(probabilities, labels[rows], facts)
    save(paths.TRANSFER_EXPORTED, content, facts, vocabulary=None)
    told = facts["public_test"]
    print(f"{paths.TRANSFER_EXPORTED}/: right on {told['accuracy']:.1%} of {len(rows):,} faces that are new to it,")
    print(f"sure of {told['sure_share']:.1%} of them, and right on {told['sure_accuracy']:.1%} of those")


def converted(faces: np.ndarray, emotions: tuple[str, ...], facts: Mapping[str, Any]) -> bytes:
    """Return the network in ONNX, compared with Keras on some faces.

    Args:
        faces: (n, 48, 48).
        emotions: what their labels tell apart.
        facts: of the model, as `ExportedModel.of` takes them.

    Raises:
        Refused: the network tells others apart.
    """
    from openfer.export.conversion import require_parity, to_onnx  # only now: they import Keras
    from openfer.networks.storage import emotions_of, load_network
    from openfer.prediction.predict import predict

    path = paths.model_path(MODEL)
    arrays.require_same(path, emotions_of(path), emotions)
    network = load_network(path)
    content = to_onnx(network, None)
    answers = ExportedModel.of(content, facts).uncalibrated(faces, [PLAIN])
    require_parity(MODEL, answers, predict(network, Dataset(faces, np.zeros(len(faces), np.uint8))))
    return content


if __name__ == "__main__":
    run(main)
