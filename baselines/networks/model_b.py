"""Model B: three convolutions on raw grey values, two wide layers, and landmarks with or without HOG beside them."""

import keras

from baselines.networks.layers import Conv, Dense, Drop, Flat, Max, Norm, two_branches

TABLE = (
    Conv(64, 3), Norm(), Max(3, 2, "same"),
    Conv(128, 3), Norm(), Max(3, 2, "same"),
    Conv(256, 3), Norm(), Max(3, 2, "same"),
    Drop(0.044), Flat(), Dense(4096), Drop(0.044), Dense(1024),
)  # fmt: skip
UNITS = 128


def answer(
    image: keras.KerasTensor, descriptor: keras.KerasTensor | None, width: float, normalised: bool, classes: int
) -> keras.KerasTensor:
    """Turn pictures, and landmarks with or without HOG, into probabilities (n, classes)."""
    return two_branches(image, descriptor, TABLE, UNITS, width, normalised, classes)
