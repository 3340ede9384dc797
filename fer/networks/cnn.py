"""CNN: three blocks of two convolutions and one wide dense layer.

The network of Al-Shabi et al. 2016 (arXiv:1608.02833: 32, 64 and 128 filters, a dense layer of 2048), narrower and
with batch normalisation, which the published copies of its hybrids lack.
"""

import keras
from keras import layers

from fer.networks.layers import Sizes, convolutions, dense, head, image_input

BLOCKS = ((1, 2), (2, 2), (4, 2))
"""A row a block: filters as a multiple of the width, number of convolutions."""


def build(sizes: Sizes, descriptor_size: int) -> keras.Model:
    """Build the network; see `fer.networks.build`."""
    image, x = image_input()
    for number, (multiple, count) in enumerate(BLOCKS, start=1):
        x = convolutions(x, f"block{number}", multiple * sizes.width, count, sizes.block_dropout)
    x = layers.Flatten(name="flatten")(x)
    x = dense(x, "embedding", sizes.embedding, sizes.dropout)
    return head("cnn", image, x, descriptor_size, sizes.embedding)
