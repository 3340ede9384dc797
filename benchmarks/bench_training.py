"""Faces per second of the training loop against a bare `fit`, and against the published way of feeding; prints ratios.

    python -m benchmarks.bench_training [cnn | vgg]

Bare: the same network, optimizer and loss on tensors in memory, without augmentation; once as the loop trains it (the
accelerated copy), once as Keras does by itself (float32). Published: each face is rotated, shifted and flipped by
itself in Python, by Keras's ImageDataGenerator, and fed to the float32 network.
"""

import argparse
import sys
import time
from collections.abc import Callable

import keras
import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from openfer.emotions import TRAINING
from openfer.networks.build import build
from openfer.networks.layers import standardise
from openfer.training.accelerated import accelerated_copy
from openfer.training.batches import Batches
from openfer.training.dataset import Dataset
from openfer.training.loop import augmented
from openfer.training.optimizer import loss, optimizer
from pipeline import arrays, params, precision

BATCHES = 60
"""Batches of a measurement; as many are run before it, in which the graph is built."""

ROUNDS = 3
"""Each way is measured this often, in turns; the fastest counts."""


def main(name: str) -> None:
    """Measure all ways in turns, on the same faces with the same network."""
    recipe, ranges, sizes = precision.recipe(), params.load("augmentation"), params.load(f"networks.{name}")
    images, labels, split = arrays.faces()
    faces = Dataset(images, labels).select(np.flatnonzero(split == TRAINING)[: BATCHES * recipe.batch_size])
    network = build(name, 0, sizes)
    standardise(network, faces.inputs_with_mirror_images())
    batches = Batches(faces, recipe, ranges, seed=0)
    pixels, targets = faces.images[..., np.newaxis].astype(np.float32), batches.targets
    turned = ImageDataGenerator(
        rotation_range=ranges.rotation, width_shift_range=ranges.shift, height_shift_range=ranges.shift,
        zoom_range=ranges.scale, horizontal_flip=True,
    )  # fmt: skip

    def fitted(model: keras.Model, *data: object) -> Callable[[], None]:
        model.compile(optimizer(recipe, model, BATCHES), loss(recipe), metrics=["accuracy"])
        return lambda: model.fit(*data, batch_size=None if len(data) == 1 else recipe.batch_size, verbose=0)

    ways = {
        "this loop": fitted(augmented(accelerated_copy(network, recipe.precision)), batches),
        "bare fit of the accelerated copy": fitted(accelerated_copy(network, recipe.precision), pixels, targets),
        "bare fit in float32": fitted(keras.models.clone_model(network), pixels, targets),
        "published feeding": fitted(
            keras.models.clone_model(network), turned.flow(pixels, targets, batch_size=recipe.batch_size)
        ),
    }
    rates = {way: len(faces) / seconds for way, seconds in fastest(ways).items()}
    for way, rate in rates.items():
        sys.stdout.write(f"{name}, {way}: {rate:,.0f} faces/s, ratio {rates['this loop'] / rate:.2f}\n")


def fastest(ways: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Return the seconds of the fastest run of each way, after one that is not measured."""
    found = {way: float("inf") for way in ways}
    for number in range(ROUNDS + 1):
        for way, work in ways.items():
            start = time.perf_counter()
            work()
            if number:
                found[way] = min(found[way], time.perf_counter() - start)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("network", nargs="?", default="vgg", choices=["cnn", "vgg", "resnet"])
    main(parser.parse_args().network)
