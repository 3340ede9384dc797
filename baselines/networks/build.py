"""Building one of the published networks; `importlib` finds it by name, so that editing one leaves the others alone."""

import importlib

import keras
import numpy as np
from keras import layers

from baselines.networks.layers import Variant
from openfer.emotions import IMAGE_SIZE
from openfer.networks.inputs import DESCRIPTOR, IMAGE

AS_PUBLISHED = Variant()

OWN = "standardise"
"""How the names of the layers begin that prepare the input: not counted as parameters. What trains a faster copy of a
network (openfer/training/accelerated.py) leaves layers of that name in float32."""


def build(network: str, features: int, variant: Variant = AS_PUBLISHED) -> keras.Model:
    """Build the network of baselines/networks/<network>.py, with random weights.

    Args:
        network: a module of this package.
        features: that the network sees beside the picture; 0 for a network on pixels alone.
        variant: what may be chosen of it.

    Returns:
        A model from "image" (n, 48, 48, 1), grey values 0–255, and "descriptor" (n, features) where there are any, to
        probabilities (n, classes). What prepares the picture is part of it and may need the statistics of Training: see
        `prepare`.
    """
    module = importlib.import_module(f"{__package__}.{network}")
    image = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1), name=IMAGE)
    descriptor = keras.Input((features,), name=DESCRIPTOR) if features else None
    probabilities = module.answer(image, descriptor, variant)
    return keras.Model([image] if descriptor is None else [image, descriptor], probabilities, name=network)


def prepare(network: keras.Model, images: np.ndarray) -> None:
    """Store mean and deviation of every pixel of the Training images where a network standardises by them.

    Args:
        network: what `build` returned.
        images: (n, 48, 48) uint8, of Training alone.
    """
    for layer in network.layers:
        if isinstance(layer, layers.Normalization):
            layer.adapt_mean.assign(images.mean(axis=0, dtype=np.float64)[..., np.newaxis])
            variance = images.var(axis=0, dtype=np.float64)[..., np.newaxis]
            layer.adapt_variance.assign(np.where(variance > 0, variance, 1))  # a pixel that never varies
            layer.finalize_state()


def parameters(network: keras.Model) -> int:
    """Count the parameters as Keras does, with the statistics of batch normalisation and without those of `prepare`."""
    return sum(layer.count_params() for layer in network.layers if not layer.name.startswith(OWN))
