"""Model B: three convolutions on raw grey values, two wide layers, and landmarks with or without HOG beside them."""

import keras

from baselines.networks.layers import Conv, Dense, Drop, Flat, Max, Norm, Table, Variant, two_branches

UNITS = 128


def table(dropout: float) -> Table:
    """Return the layers of the picture; the rate of their dropout was searched by the authors."""
    return (
        Conv(64, 3), Norm(), Max(3, 2, "same"),
        Conv(128, 3), Norm(), Max(3, 2, "same"),
        Conv(256, 3), Norm(), Max(3, 2, "same"),
        Drop(dropout), Flat(), Dense(4096), Drop(dropout), Dense(1024),
    )  # fmt: skip


def answer(image: keras.KerasTensor, descriptor: keras.KerasTensor | None, variant: Variant) -> keras.KerasTensor:
    """Turn pictures, and landmarks with or without HOG, into probabilities (n, variant.classes)."""
    return two_branches(image, descriptor, table(variant.dropout), UNITS, variant)
