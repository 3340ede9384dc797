"""Model A: three convolutions on raw grey values, and landmarks with or without HOG beside them.

Its code has 128 filters in the last convolution, where the authors' diagram has 64.
"""

import keras

from baselines.networks.layers import Conv, Dense, Drop, Flat, Max, Norm, Table, Variant, two_branches

UNITS = 40


def table(dropout: float) -> Table:
    """Return the layers of the picture; the rate of their dropout was searched by the authors."""
    return (
        Conv(64, 5), Norm(), Max(3, 2, "same"),
        Conv(64, 5), Norm(), Max(3, 2, "same"),
        Conv(128, 4), Norm(),
        Drop(dropout), Flat(), Dense(1024),
    )  # fmt: skip


def answer(image: keras.KerasTensor, descriptor: keras.KerasTensor | None, variant: Variant) -> keras.KerasTensor:
    """Turn pictures, and landmarks with or without HOG, into probabilities (n, variant.classes)."""
    return two_branches(image, descriptor, table(variant.dropout), UNITS, variant)
