"""The deep CNN: four convolutions, two dense layers; grey values from 0 to 1."""

import keras

from baselines.networks.layers import Variant, plain

CONVOLUTIONS = ((64, 3), (128, 5), (512, 3), (512, 3))
"""Filters and side of the kernel."""

UNITS = (256, 512)


def answer(image: keras.KerasTensor, descriptor: keras.KerasTensor | None, variant: Variant) -> keras.KerasTensor:
    """Turn pictures into probabilities (n, variant.classes)."""
    return plain(image, CONVOLUTIONS, UNITS, "deep", variant)
