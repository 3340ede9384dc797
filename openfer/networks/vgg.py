"""VGG: four blocks of 3 × 3 convolutions whose width doubles, and one dense layer.

The layout of Simonyan & Zisserman 2014 (arXiv:1409.1556), narrow and with batch normalisation and dropout after every
block, as in the narrow VGGs that published results on FER2013 without extra data come from. As in their network A, the
first block is a single convolution: on the whole picture, a second would cost as much as the last block.
"""

import keras

from openfer.networks.layers import Block, embedding
from openfer.networks.settings import Sizes

BLOCKS = (Block(1, 1), Block(2, 2), Block(4, 2), Block(8, 2))


def embed(x: keras.KerasTensor, sizes: Sizes) -> keras.KerasTensor:
    """Turn standardised pictures (n, sizes.crop, sizes.crop, 1) into embeddings (n, sizes.embedding)."""
    return embedding(x, BLOCKS, sizes)
