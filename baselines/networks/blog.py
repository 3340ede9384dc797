"""The CNN of the blog, which deepface ships: five convolutions and two wide layers; grey values from 0 to 1."""

import keras
from keras import layers

from baselines.networks.layers import Conv, Dense, Drop, Flat, Max, Mean, Variant, classified, stacked

TABLE = (
    Conv(64, 5, "valid"), Max(5, 2),
    Conv(64, 3, "valid"), Conv(64, 3, "valid"), Mean(3, 2),
    Conv(128, 3, "valid"), Conv(128, 3, "valid"), Mean(3, 2),
    Flat(), Dense(1024), Drop(0.2), Dense(1024), Drop(0.2),
)  # fmt: skip


def answer(image: keras.KerasTensor, descriptor: keras.KerasTensor | None, variant: Variant) -> keras.KerasTensor:
    """Turn pictures into probabilities (n, variant.classes)."""
    x = layers.Rescaling(1 / 255, name="standardise_image")(image)
    return classified(stacked(x, TABLE, "blog", variant.width), variant.classes)
