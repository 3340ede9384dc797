"""Fusion of a picture with a descriptor of it: what the hybrid networks have and the plain ones do not."""

import keras
from keras import layers

from openfer.networks.inputs import DESCRIPTOR
from openfer.networks.layers import dense, standardised
from openfer.networks.settings import Fusion


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
    x = layers.Dropout(fusion.input_dropout, name=f"{DESCRIPTOR}_input_dropout")(standardised(descriptor, DESCRIPTOR))
    x = dense(x, DESCRIPTOR, fusion.units, fusion.dropout)
    x = layers.Dropout(fusion.branch_dropout, noise_shape=(None, 1), name=f"{DESCRIPTOR}_branch_dropout")(x)
    return descriptor, layers.Concatenate(name="fusion")([embedding, x])
