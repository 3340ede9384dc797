"""The VGG of the reference project, VGG-16 without its fifth block and with one dense layer, and its hybrids.

Grey values and descriptors go in as they are, as published.
"""

import keras

from baselines.networks.layers import Conv, Dense, Drop, Flat, Max, Norm, Variant, classified, hybrid, stacked

BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3))
"""Filters and convolutions."""

TRUNK = tuple(
    row for filters, count in BLOCKS for row in (*(Conv(filters, 3) for _ in range(count)), Max(), Norm(), Drop(0.2))
)
HEAD = (Dense(4096), Drop(0.5))


def answer(image: keras.KerasTensor, descriptor: keras.KerasTensor | None, variant: Variant) -> keras.KerasTensor:
    """Turn pictures, and descriptors for a hybrid, into probabilities (n, variant.classes)."""
    trunk = stacked(image, (*TRUNK, Flat()), "vgg", variant.width)
    if descriptor is None:
        return classified(stacked(trunk, HEAD, "head", variant.width), variant.classes)
    return hybrid(trunk, descriptor, variant)
