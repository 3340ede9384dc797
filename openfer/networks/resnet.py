"""ResNet: a convolution on the whole picture, then four blocks of two residual units each, from half the side on.

The layout of ResNet-18 (He et al. 2015, arXiv:1512.03385) with pre-activated units (He et al. 2016, arXiv:1603.05027),
made narrow for pictures of 48 pixels: half as wide as the original where it is as deep, and pooled in place of strided,
as the other networks are.
"""

from collections.abc import Sequence

import keras
from keras import layers

from openfer.networks.layers import Block, dense
from openfer.networks.settings import Sizes

BLOCKS = (Block(1, 2), Block(2, 2), Block(4, 2), Block(8, 2))
"""Filters as a multiple of the width, and residual units."""


def embed(x: keras.KerasTensor, sizes: Sizes) -> keras.KerasTensor:
    """Turn standardised pictures (n, sizes.crop, sizes.crop, 1) into embeddings (n, sizes.embedding)."""
    return residual(x, BLOCKS, sizes)


def residual(x: keras.KerasTensor, blocks: Sequence[Block], sizes: Sizes) -> keras.KerasTensor:
    """Apply the blocks one after the other, and a dense layer to the mean over places of what they leave."""
    x = _convolution(x, sizes.width, 3, "stem_conv")
    for number, block in enumerate(blocks, start=1):
        name = f"block{number}"
        x = layers.MaxPooling2D(name=f"{name}_pool")(x)
        for unit in range(1, block.convolutions + 1):
            x = _unit(x, block.multiple * sizes.width, block.kernel, f"{name}_unit{unit}")
        x = layers.SpatialDropout2D(sizes.block_dropout, name=f"{name}_dropout")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(_activated(x, "last"))
    return dense(x, "embedding", sizes.embedding, sizes.dropout)


def _unit(x: keras.KerasTensor, filters: int, kernel: int, name: str) -> keras.KerasTensor:
    """Add to `x` what two activated convolutions make of it."""
    y = _activated(x, f"{name}_1")
    shortcut = x if x.shape[-1] == filters else _convolution(y, filters, 1, f"{name}_shortcut")
    y = _convolution(y, filters, kernel, f"{name}_conv1")
    y = _convolution(_activated(y, f"{name}_2"), filters, kernel, f"{name}_conv2")
    return layers.Add(name=f"{name}_add")([shortcut, y])


def _activated(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _convolution(x: keras.KerasTensor, filters: int, kernel: int, name: str) -> keras.KerasTensor:
    return layers.Conv2D(filters, kernel, padding="same", use_bias=False, kernel_initializer="he_normal", name=name)(x)
