"""The family that architectures are searched in: blocks of plain or of residual units, whose table the params write.

The CNN, the VGG and the ResNet are near members of it; what a search finds is a row of params, and trained like them.
"""

import keras

from openfer.networks.layers import Block, embedding
from openfer.networks.resnet import residual
from openfer.networks.settings import Family


def embed(x: keras.KerasTensor, sizes: Family) -> keras.KerasTensor:
    """Turn standardised pictures (n, sizes.crop, sizes.crop, 1) into embeddings (n, sizes.embedding)."""
    kernels = [sizes.first_kernel] + [sizes.kernel] * (sizes.blocks - 1)
    blocks = [Block(2**number, sizes.convolutions, kernel) for number, kernel in enumerate(kernels)]
    return residual(x, blocks, sizes) if sizes.units == "residual" else embedding(x, blocks, sizes)
