"""Model A: three convolutions on raw grey values, and landmarks with or without HOG beside them.

Its code has 128 filters in the last convolution, where the authors' diagram has 64.
"""

import keras

from baselines.networks.layers import Conv, Dense, Drop, Flat, Max, Norm, two_branches

TABLE = (
    Conv(64, 5), Norm(), Max(3, 2, "same"),
    Conv(64, 5), Norm(), Max(3, 2, "same"),
    Conv(128, 4), Norm(),
    Drop(0.044), Flat(), Dense(1024),
)  # fmt: skip
UNITS = 40


def answer(
    image: keras.KerasTensor, descriptor: keras.KerasTensor | None, width: float, normalised: bool, classes: int
) -> keras.KerasTensor:
    """Turn pictures, and landmarks with or without HOG, into probabilities (n, classes)."""
    return two_branches(image, descriptor, TABLE, UNITS, width, normalised, classes)
