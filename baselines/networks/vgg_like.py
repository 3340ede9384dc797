"""The VGG-like CNN: eight convolutions and three dense layers; each pixel is standardised by itself.

Its authors took mean and deviation of all rows; here they are those of Training.
"""

import keras
from keras import layers

from baselines.networks.layers import Conv, Dense, Drop, Flat, Max, Norm, Variant, classified, stacked

TABLE = (
    Conv(64, 3, "valid", penalised=True), Conv(64, 3), Norm(), Max(), Drop(0.5),
    Conv(128, 3), Norm(), Conv(128, 3), Norm(), Max(), Drop(0.5),
    Conv(256, 3), Norm(), Conv(256, 3), Norm(), Max(), Drop(0.5),
    Conv(512, 3), Norm(), Conv(512, 3), Norm(), Max(), Drop(0.5),
    Flat(), Dense(512), Drop(0.4), Dense(256), Drop(0.4), Dense(128), Drop(0.5),
)  # fmt: skip


def answer(image: keras.KerasTensor, descriptor: keras.KerasTensor | None, variant: Variant) -> keras.KerasTensor:
    """Turn pictures into probabilities (n, variant.classes)."""
    x = layers.Normalization(axis=(1, 2, 3), name="standardise_image")(image)
    return classified(stacked(x, TABLE, "vgg", variant.width), variant.classes)
