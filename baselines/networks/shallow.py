"""The shallow CNN: two convolutions, one dense layer; grey values from 0 to 1."""

import keras
from keras import layers

from baselines.networks.layers import Conv, Dense, Drop, Flat, Max, Norm, Relu, classified, stacked

CONVOLUTIONS = ((64, 3), (128, 5))
"""Filters and side of the kernel."""

UNITS = (256,)

TABLE = (
    *(
        row
        for filters, kernel in CONVOLUTIONS
        for row in (Conv(filters, kernel, activation=None), Norm(), Relu(), Max(), Drop(0.25))
    ),
    Flat(),
    *(row for units in UNITS for row in (Dense(units, None), Norm(), Relu(), Drop(0.25))),
)


def answer(
    image: keras.KerasTensor, descriptor: keras.KerasTensor | None, width: float, normalised: bool, classes: int
) -> keras.KerasTensor:
    """Turn pictures into probabilities (n, classes)."""
    x = layers.Rescaling(1 / 255, name="standardise_image")(image)
    return classified(stacked(x, TABLE, "shallow", width), classes)
