"""Multiplications and additions of a network for one face, counted from the shapes of its layers."""

import keras
import numpy as np
from keras import layers


def macs(network: keras.Model) -> int:
    """Count what convolutions and dense layers multiply and add for one face; other layers count nothing."""
    return sum(_of(layer) for layer in network.layers)


def _of(layer: keras.Layer) -> int:
    if isinstance(layer, layers.Dense):
        return int(np.prod(layer.kernel.shape))
    if not isinstance(layer, layers.Conv2D | layers.SeparableConv2D):
        return 0
    pixels = int(np.prod(layer.output.shape[1:3]))
    kernels = [layer.depthwise_kernel, layer.pointwise_kernel] if _separable(layer) else [layer.kernel]
    return pixels * sum(int(np.prod(kernel.shape)) for kernel in kernels)


def _separable(layer: keras.Layer) -> bool:
    return isinstance(layer, layers.SeparableConv2D)
