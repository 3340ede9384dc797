"""Trainings that take a moment: faces that one layer can tell apart, and a recipe for it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np

from openfer.emotions import EMOTIONS, IMAGE_SIZE
from openfer.networks.fusion import fuse
from openfer.networks.inputs import IMAGE
from openfer.networks.layers import Block, embedding, standardise, standardised
from openfer.training.checkpoints import Checkpoints
from openfer.training.dataset import Dataset
from openfer.training.loop import train
from openfer.training.settings import Ranges, Recipe
from tests.networks.small import FUSION, SIZES

STILL = Ranges(rotation=0, scale=0, shift=0, gain=0, gamma=0, light=0, blur=0, erase=0, fade=0)
GENTLE = Ranges(rotation=5, scale=0.1, shift=0.05, gain=0.1, gamma=0.2, light=0.1, blur=0.3, erase=0.2, fade=0.5)

VALUES = {
    "seed": 3,
    "backend": "tensorflow",
    "epochs": 3,
    "batch_size": 16,
    "learning_rate": 0.05,
    "warmup_epochs": 0.5,
    "momentum": 0.9,
    "weight_decay": 0.005,
    "label_smoothing": 0.1,
    "ema": 0.9,
    "class_weighting": 0.0,
    "keep": "best",
    "patience": 0,
    "precision": "float32",
}


def recipe(**changes: object) -> Recipe:
    """Return a recipe with some values changed."""
    return Recipe(**(VALUES | changes))


def faces(count: int, descriptor_size: int = 0) -> Dataset:
    """Return noise whose brightness tells the label, mirrored and not."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 7, count).astype(np.uint8)
    images = (labels[:, None, None] * 30 + rng.integers(0, 40, (count, 48, 48))).astype(np.uint8)
    descriptors = rng.random((count, 2, descriptor_size), dtype=np.float32) if descriptor_size else None
    return Dataset(images, labels, descriptors)


def one_layer(dataset: Dataset, seed: int = 1, blocks: Sequence[Block] = ()) -> keras.Model:
    """Return the least network that can be trained: a kernel and a bias behind standardised pictures.

    With descriptors, they are fused with the picture as in the hybrid networks, dropout and batch normalisation
    included; with blocks, there are convolutions before it.
    """
    keras.utils.set_random_seed(seed)
    network = bare_layer(dataset.descriptor_size, blocks)
    standardise(network, dataset.inputs_with_mirror_images())
    return network


def bare_layer(descriptor_size: int = 0, blocks: Sequence[Block] = ()) -> keras.Model:
    """Return the network of `one_layer` without the statistics of its inputs."""
    inputs = [keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1), name=IMAGE)]
    x = keras.layers.AveragePooling2D(8)(standardised(inputs[0], IMAGE))
    x = embedding(x, blocks, SIZES) if blocks else keras.layers.Flatten()(x)
    if descriptor_size:
        descriptor, x = fuse(x, descriptor_size, FUSION)
        inputs.append(descriptor)
    return keras.Model(inputs, keras.layers.Dense(len(EMOTIONS), activation="softmax", name="emotions")(x))


def run(
    folder: Path, network: keras.Model, training: Dataset, public: Dataset, ranges: Ranges = GENTLE, **changes: object
) -> list[Mapping[str, float]]:
    """Train a network in place and return the history."""
    return train(network, training, public, recipe(**changes), ranges, seed=5, checkpoints=Checkpoints(folder))
