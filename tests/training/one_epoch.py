"""Train a small network for one epoch under the backend of KERAS_BACKEND, and predict with it.

    python -m tests.training.one_epoch MODEL.keras PRECISION
    python -m tests.training.one_epoch MODEL.keras --predict

The first leaves the network at the path and prints the figures of the epoch and the probabilities of some faces, a JSON
line each; the second prints the probabilities by a network that lies there.
"""

import dataclasses
import json
import sys
import tempfile
from pathlib import Path

import keras

from openfer.files import load_network, save_network
from openfer.prediction.predict import predict_ten_crop
from openfer.training.checkpoints import Checkpoints
from openfer.training.loop import train
from tests.training.test_loop import GENTLE, faces, fresh_network, recipe


def main(path: Path, what: str) -> None:
    """Train with a precision and save, or load; then predict."""
    public = faces(32, descriptor_size=5)
    if what != "--predict":
        dataset = faces(1024, descriptor_size=5)
        network = fresh_network(dataset)
        with tempfile.TemporaryDirectory() as folder:
            checkpoints = Checkpoints(Path(folder))
            settings = recipe(epochs=1, ema=0.8, precision=what)
            ranges = dataclasses.replace(GENTLE, fade=0)  # one epoch is the last, which would see no other views
            (row,) = train(network, dataset, public, settings, ranges, seed=5, checkpoints=checkpoints)
        save_network(path, network)
        tell({"backend": keras.backend.backend()} | row)
    tell(predict_ten_crop(load_network(path), public).tolist())


def tell(content: object) -> None:
    """Print a JSON line."""
    sys.stdout.write(json.dumps(content) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
