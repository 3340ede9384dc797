"""Train a small network for one epoch under the backend of KERAS_BACKEND, and predict with all that lie in a folder.

    python -m tests.training.one_epoch FOLDER [PRECISION …]

Trains one network in each precision and leaves the first in the folder, under the name of the backend. Prints a line
of JSON: the figures of each epoch, and the probabilities of some faces by each network of the folder.
"""

import dataclasses
import json
import sys
import tempfile
from pathlib import Path

import keras

from openfer.networks.layers import Block
from openfer.networks.storage import load_network, save_network
from openfer.prediction.predict import predict_ten_crop
from tests.training.small import GENTLE, faces, one_layer, run

PUBLIC = faces(32, descriptor_size=5)


def main(folder: Path, precisions: list[str]) -> None:
    """Train, then predict."""
    name = keras.backend.backend()
    trained = [train(precision) for precision in precisions]
    if trained:
        save_network(folder / f"{name}.keras", trained[0][0])
    predicted = {
        path.stem: predict_ten_crop(load_network(path), PUBLIC).tolist() for path in sorted(folder.glob("*.keras"))
    }
    content = {"backend": name, "epochs": [row for _, row in trained], "probabilities": predicted}
    sys.stdout.write(json.dumps(content) + "\n")


def train(precision: str) -> tuple[keras.Model, dict[str, float]]:
    """Return a network after an epoch, and its figures."""
    dataset = faces(1024, descriptor_size=5)
    network = one_layer(dataset, blocks=[Block(2, 1)])
    ranges = dataclasses.replace(GENTLE, fade=0)  # one epoch is the last, which would be augmented no more
    with tempfile.TemporaryDirectory() as folder:
        (row,) = run(Path(folder), network, dataset, PUBLIC, ranges, epochs=1, ema=0.8, precision=precision)
    return network, row


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
