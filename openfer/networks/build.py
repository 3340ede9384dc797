"""Building one of the networks; `importlib` finds it by name, so that editing one leaves the others untouched."""

import importlib

import keras

from openfer.emotions import EMOTIONS, IMAGE_SIZE
from openfer.networks.inputs import IMAGE
from openfer.networks.layers import preprocessed
from openfer.networks.settings import Fusion, Sizes


def build(
    network: str, descriptor_size: int, sizes: Sizes, fusion: Fusion | None = None, classes: int = len(EMOTIONS)
) -> keras.Model:
    """Build the network of openfer/networks/<network>.py, with random weights.

    Args:
        network: a module of this package: "cnn", "vgg" or "resnet".
        descriptor_size: length of the descriptor that is fused with the picture; 0 for a network on pixels alone.
        sizes: how large.
        fusion: how to fuse it; None for a network on pixels alone.
        classes: expressions that it tells apart.

    Returns:
        A model from "image" (n, 48, 48, 1), grey values 0–255, and "descriptor" (n, descriptor_size) where there is
        one, to probabilities (n, classes). Its normalisation layers hold no statistics yet: see `layers.standardise`.
    """
    inputs = [keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1), name=IMAGE)]
    embedding = _module(network).embed(preprocessed(inputs[0], sizes), sizes)
    if descriptor_size:
        descriptor, embedding = _module("fusion").fuse(embedding, descriptor_size, fusion)
        inputs.append(descriptor)
    probabilities = keras.layers.Dense(classes, activation="softmax", name="emotions")(embedding)
    return keras.Model(inputs, probabilities, name=network)


def _module(name: str) -> object:
    return importlib.import_module(f"{__package__}.{name}")
