"""Fusion of a picture with a descriptor of it: what the hybrid networks have and the plain ones do not."""

from dataclasses import dataclass

import keras
from keras import layers

from openfer.networks.layers import dense, standardised
from openfer.training.dataset import DESCRIPTOR
from pipeline.params import leaf


@dataclass(frozen=True)
class Fusion:
    """How a descriptor is joined with a picture.

    Attributes:
        units: values of the dense layer behind the descriptor.
        input_dropout: share of the descriptor's values that are dropped before that layer.
        dropout: share of that layer's values that are dropped.
        branch_dropout: share of the faces whose descriptor is left out altogether in a training step.
    """

    units: int = leaf("fusion.{descriptor}.units", at_least=1)
    input_dropout: float = leaf("fusion.{descriptor}.input_dropout", at_least=0, at_most=0.95)
    dropout: float = leaf("fusion.{descriptor}.dropout", at_least=0, at_most=0.95)
    branch_dropout: float = leaf("fusion.{descriptor}.branch_dropout", at_least=0, at_most=0.95)


def fuse(embedding: keras.KerasTensor, descriptor_size: int, fusion: Fusion) -> tuple[keras.KerasTensor, ...]:
    """Join the embedding of a picture with a dense layer behind its descriptor.

    The descriptor is standardised value by value; raw values of up to 255 before a wide linear layer, as published,
    outweigh those of the picture. It knows nothing of the augmentation but the mirror image, and so is also a key by
    which a Training face can be remembered: dropping its values makes the key unreadable. And it answers long before
    the convolutions have learnt anything: leaving it out for many faces makes the picture answer alone.

    Args:
        embedding: (n, any) of the picture.
        descriptor_size: length of the descriptor.
        fusion: how large, and how much is dropped.

    Returns:
        The input for the descriptor, and the joined embeddings.
    """
    descriptor = keras.Input((descriptor_size,), name=DESCRIPTOR)
    x = layers.Dropout(fusion.input_dropout, name=f"{DESCRIPTOR}_input_dropout")(standardised(descriptor))
    x = dense(x, DESCRIPTOR, fusion.units, fusion.dropout)
    x = layers.Dropout(fusion.branch_dropout, noise_shape=(None, 1), name=f"{DESCRIPTOR}_branch_dropout")(x)
    return descriptor, layers.Concatenate(name="fusion")([embedding, x])
