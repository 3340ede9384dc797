"""CNN: three blocks of convolutions and one wide dense layer.

After the network of Al-Shabi et al. 2016 (arXiv:1608.02833: 32, 64 and 128 filters in pairs, a dense layer), with batch
normalisation, which the published copies of its hybrids lack. The first block is one 5 × 5 convolution in place of two
3 × 3, which sees as much at a tenth of the cost; what that saves goes into a third convolution of the last block.
"""

import keras

from openfer.networks.layers import Block, embedding
from openfer.networks.settings import Sizes

BLOCKS = (Block(1, 1, kernel=5), Block(2, 2), Block(4, 3))


def embed(x: keras.KerasTensor, sizes: Sizes) -> keras.KerasTensor:
    """Turn standardised pictures (n, sizes.crop, sizes.crop, 1) into embeddings (n, sizes.embedding)."""
    return embedding(x, BLOCKS, sizes)
