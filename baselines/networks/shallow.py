"""The shallow CNN: two convolutions, one dense layer; grey values from 0 to 1."""

import keras

from baselines.networks.layers import Variant, plain

CONVOLUTIONS = ((64, 3), (128, 5))
"""Filters and side of the kernel."""

UNITS = (256,)


def answer(image: keras.KerasTensor, descriptor: keras.KerasTensor | None, variant: Variant) -> keras.KerasTensor:
    """Turn pictures into probabilities (n, variant.classes)."""
    return plain(image, CONVOLUTIONS, UNITS, "shallow", variant)
