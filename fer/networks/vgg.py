"""VGG: four blocks of two convolutions whose width doubles, then one dense layer.

The layout of Simonyan & Zisserman 2014 (arXiv:1409.1556), narrow and with batch normalisation and dropout after every
block, as in the narrow VGGs that published results on FER2013 without extra data come from.
"""

import keras
from keras import layers

from fer.networks.layers import Sizes, convolutions, dense, head, image_input

BLOCKS = ((1, 2), (2, 2), (4, 2), (8, 2))
"""A row a block: filters as a multiple of the width, number of convolutions."""


def build(sizes: Sizes, descriptor_size: int) -> keras.Model:
    """Build the network; see `fer.networks.build`."""
    image, x = image_input()
    for number, (multiple, count) in enumerate(BLOCKS, start=1):
        x = convolutions(x, f"block{number}", multiple * sizes.width, count, sizes.block_dropout)
    x = layers.Flatten(name="flatten")(x)
    x = dense(x, "embedding", sizes.embedding, sizes.dropout)
    return head("vgg", image, x, descriptor_size, sizes.embedding)
