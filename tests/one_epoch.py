"""Train a small network for one epoch under the backend of KERAS_BACKEND: python -m tests.one_epoch MODEL.keras

Prints its figures as JSON and leaves the network at the path; with `--predict` prints the probabilities of a network
that lies there instead.
"""

import json
import sys
import tempfile
from pathlib import Path

import keras

from fer.artifacts import load_network, save_network
from fer.checkpoints import Checkpoints
from fer.prediction import predict_ten_views
from fer.training import train
from tests.test_training import GENTLE, faces, fresh_network, recipe


def main(path: Path, *options: str) -> None:
    """Train and save, or load and predict."""
    public = faces(32, descriptor_size=5)
    if "--predict" not in options:
        dataset = faces(1024, descriptor_size=5)
        network = fresh_network(dataset)
        with tempfile.TemporaryDirectory() as folder:
            checkpoints = Checkpoints(Path(folder))
            settings = recipe(epochs=1, ema=0.8, precision=options[0])
            (row,) = train(network, dataset, public, settings, GENTLE, seed=5, checkpoints=checkpoints)
        save_network(path, network)
        print(json.dumps({"backend": keras.backend.backend()} | row))
    print(json.dumps(predict_ten_views(load_network(path), public).tolist()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
