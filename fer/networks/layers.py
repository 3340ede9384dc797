"""What the networks share: the two inputs with their preprocessing, a block of convolutions, fusion and head.

Preprocessing is part of the network (two normalisation layers that hold the statistics of Training), so that
training, evaluation and prediction cannot differ in it.
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from fer.dataset import DESCRIPTOR, IMAGE
from fer.emotions import EMOTIONS, IMAGE_SIZE
from fer.params import leaf


@dataclass(frozen=True)
class Sizes:
    """How large a network is, and how much it forgets.

    Attributes:
        width: filters of the first block; the others have a multiple.
        embedding: values of the dense layers behind the picture and behind the descriptor.
        block_dropout: share of channels dropped after each block.
        dropout: share of the picture's embedding that is dropped before the classification.
    """

    width: int = leaf("networks.{network}.width", at_least=1)
    embedding: int = leaf("networks.{network}.embedding", at_least=1)
    block_dropout: float = leaf("networks.{network}.block_dropout", at_least=0, at_most=0.95)
    dropout: float = leaf("networks.{network}.dropout", at_least=0, at_most=0.95)


def image_input() -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Return the input for grey values 0–255, (n, 48, 48, 1), and its standardised values."""
    inputs = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1), name=IMAGE)
    return inputs, layers.Normalization(axis=-1, name=f"standardise_{IMAGE}")(inputs)


def convolutions(x: keras.KerasTensor, name: str, filters: int, count: int, dropout: float) -> keras.KerasTensor:
    """Apply `count` × (3×3 convolution, batch normalisation, ReLU), then halve the picture and drop channels."""
    for index in range(1, count + 1):
        x = layers.Conv2D(
            filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv{index}"
        )(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn{index}")(x)
        x = layers.ReLU(name=f"{name}_relu{index}")(x)
    x = layers.MaxPooling2D(name=f"{name}_pool")(x)
    return layers.SpatialDropout2D(dropout, name=f"{name}_dropout")(x)


def dense(x: keras.KerasTensor, name: str, units: int, dropout: float) -> keras.KerasTensor:
    """Apply a dense layer with batch normalisation, ReLU and dropout."""
    x = layers.Dense(units, use_bias=False, kernel_initializer="he_normal", name=f"{name}_dense")(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    return layers.Dropout(dropout, name=f"{name}_dropout")(x)


def head(
    name: str, image: keras.KerasTensor, embedding: keras.KerasTensor, descriptor_size: int, units: int
) -> keras.Model:
    """Close a network: fuse the descriptor, where there is one, with the embedding of the picture, and classify.

    The descriptor is standardised value by value and squeezed into `units` values by a dense layer with ReLU and
    dropout one half; raw values of up to 255 before a wide linear layer, as published, outweigh those of the picture.
    """
    inputs = [image]
    if descriptor_size:
        descriptor = keras.Input((descriptor_size,), name=DESCRIPTOR)
        inputs.append(descriptor)
        x = layers.Normalization(axis=-1, name=f"standardise_{DESCRIPTOR}")(descriptor)
        x = dense(x, DESCRIPTOR, units, dropout=0.5)
        embedding = layers.Concatenate(name="fusion")([embedding, x])
    probabilities = layers.Dense(len(EMOTIONS), activation="softmax", dtype="float32", name="emotions")(embedding)
    return keras.Model(inputs, probabilities, name=name)


def standardise(network: keras.Model, inputs: dict[str, np.ndarray]) -> None:
    """Store mean and variance of the training inputs in the normalisation layers of `network`.

    Args:
        network: what `fer.networks.build` returned.
        inputs: samples for each input of the network; the last axis is kept, all others are averaged.
    """
    for name, samples in inputs.items():
        flat = samples.reshape(-1, samples.shape[-1])
        mean = flat.mean(axis=0, dtype=np.float64)
        square = np.einsum("ij,ij->j", flat, flat, dtype=np.float64) / len(flat)
        layer = network.get_layer(f"standardise_{name}")
        layer.adapt_mean.assign(mean)
        variance = square - mean**2
        # A value that Training never varied is left at its own scale, not divided by zero.
        layer.adapt_variance.assign(np.where(variance > 1e-10 * square, variance, 1))
        layer.finalize_state()
