"""What the networks share: preprocessing, a block of convolutions, a dense layer.

Preprocessing is part of the network (normalisation layers that hold the statistics of Training), so that training,
evaluation and prediction cannot differ in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from openfer.emotions import IMAGE_SIZE
from openfer.networks.inputs import IMAGE
from openfer.networks.settings import Sizes

LEAST_VARIANCE = 1.0
"""Of grey values, added to that of each face: less than a grey value of noise is no picture."""

SURROUNDINGS = 13
"""Side in pixels of the square whose mean is taken from a pixel: about the size of an eye."""


@dataclass(frozen=True)
class Block:
    """A row of a network's table: filters as a multiple of the width, number of convolutions, side of their kernels."""

    multiple: int
    convolutions: int
    kernel: int = 3


def embedding(x: keras.KerasTensor, blocks: Sequence[Block], sizes: Sizes) -> keras.KerasTensor:
    """Apply the blocks one after the other, and a dense layer to what they leave."""
    for number, block in enumerate(blocks, start=1):
        x = _convolutions(x, f"block{number}", block, sizes)
    return dense(layers.Flatten(name="flatten")(x), "embedding", sizes.embedding, sizes.dropout)


def _convolutions(x: keras.KerasTensor, name: str, block: Block, sizes: Sizes) -> keras.KerasTensor:
    """Apply the convolutions, each with batch normalisation and ReLU, then halve the picture and drop channels."""
    for index in range(1, block.convolutions + 1):
        x = layers.Conv2D(
            block.multiple * sizes.width,
            block.kernel,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            name=f"{name}_conv{index}",
        )(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn{index}")(x)
        x = layers.ReLU(name=f"{name}_relu{index}")(x)
    x = layers.MaxPooling2D(name=f"{name}_pool")(x)
    return layers.SpatialDropout2D(sizes.block_dropout, name=f"{name}_dropout")(x)


def dense(x: keras.KerasTensor, name: str, units: int, dropout: float) -> keras.KerasTensor:
    """Apply a dense layer with batch normalisation, ReLU and dropout."""
    x = layers.Dense(units, use_bias=False, kernel_initializer="he_normal", name=f"{name}_dense")(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    return layers.Dropout(dropout, name=f"{name}_dropout")(x)


def preprocessed(image: keras.KerasTensor, sizes: Sizes) -> keras.KerasTensor:
    """Take the middle of pictures (n, 48, 48, 1) of grey values 0–255 and standardise it as `sizes.contrast` says."""
    margin = (IMAGE_SIZE - sizes.crop) // 2
    if margin:
        image = layers.Cropping2D(margin, name="standardise_crop")(image)
    if sizes.contrast == "training":
        return standardised(image, IMAGE)
    if sizes.contrast == "local":
        surroundings = layers.AveragePooling2D(SURROUNDINGS, strides=1, padding="same", name="standardise_surroundings")
        image = layers.Subtract(name="standardise_difference")([image, surroundings(image)])
    # Keras's layer normalisation over a whole picture, without weights of its own.
    return layers.LayerNormalization(
        axis=(1, 2, 3), epsilon=LEAST_VARIANCE, center=False, scale=False, name=f"standardise_{IMAGE}"
    )(image)


def standardised(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Bring the last axis of what an input holds to mean 0 and variance 1, once `standardise` has set the statistics.

    Args:
        x: the input, or a part of it.
        name: of the input.
    """
    return layers.Normalization(axis=-1, name=f"standardise_{name}")(x)


def standardise(network: keras.Model, inputs: Mapping[str, np.ndarray]) -> None:
    """Store mean and variance of the training inputs in the normalisation layers of `network`.

    Args:
        network: what `networks.build.build` returned.
        inputs: samples for each input of the network; the last axis is kept, all others are averaged.
    """
    for name, samples in inputs.items():
        layer = network.get_layer(f"standardise_{name}")
        if not isinstance(layer, layers.Normalization):  # each face by itself: nothing to know of the others
            continue
        flat = samples.reshape(-1, samples.shape[-1])
        mean = flat.mean(axis=0, dtype=np.float64)
        square = np.einsum("ij,ij->j", flat, flat, dtype=np.float64) / len(flat)
        layer.adapt_mean.assign(mean)
        variance = square - mean**2
        # A value that Training never varied is left at its own scale, not divided by zero.
        layer.adapt_variance.assign(np.where(variance > 1e-10 * square, variance, 1))
        layer.finalize_state()
