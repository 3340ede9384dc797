"""Networks that are built in a moment, and drawn faces for them; Keras runs them without compiling a graph."""

import keras
import numpy as np

from openfer.networks.build import build
from openfer.networks.layers import standardise
from openfer.networks.settings import Fusion, Sizes
from openfer.training.dataset import Dataset

SIZES = Sizes(crop=48, contrast="training", width=2, embedding=8, block_dropout=0.1, dropout=0.2)
FUSION = Fusion(units=8, input_dropout=0.3, dropout=0.4, branch_dropout=0.5)


def noise(count: int, descriptor_size: int = 0) -> Dataset:
    """Return faces of which nothing can be learnt."""
    rng = np.random.default_rng(4)
    images = rng.integers(20, 200, (count, 48, 48), np.uint8)
    descriptors = 5 + 3 * rng.random((count, 2, descriptor_size), np.float32) if descriptor_size else None
    return Dataset(images, rng.integers(0, 7, count).astype(np.uint8), descriptors)


def bare(name: str, descriptor_size: int = 0, sizes: Sizes = SIZES) -> keras.Model:
    """Return a network without statistics of its inputs, the same at every call."""
    keras.utils.set_random_seed(1)
    return build(name, descriptor_size, sizes, FUSION if descriptor_size else None)


def standardised(name: str, dataset: Dataset) -> keras.Model:
    """Return a network with the statistics of a data set."""
    network = bare(name, dataset.descriptor_size)
    standardise(network, dataset.inputs_with_mirror_images())
    return network


def outputs(model: keras.Model, inputs: list[np.ndarray], training: bool = False) -> np.ndarray:
    """Return what a model gives, straight from its layers."""
    floats = [array.astype(np.float32) for array in inputs]
    return keras.ops.convert_to_numpy(model(floats, training=training))


def outputs_of(network: keras.Model, layer: str, inputs: list[np.ndarray], training: bool = False) -> np.ndarray:
    """Return what one layer of a network gives."""
    return outputs(keras.Model(network.inputs, network.get_layer(layer).output), inputs, training)
