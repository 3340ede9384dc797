"""Probabilities of a network for a data set, for each picture and for its mirror image."""

import keras
import numpy as np

from fer.dataset import Dataset

BATCH = 512


def predict(network: keras.Model, dataset: Dataset, *, mirror: bool = True) -> np.ndarray:
    """Return probabilities (n, 7) float32; with `mirror` the mean of those of the picture and of its mirror image."""
    plain = _forward(network, dataset.inputs())
    if not mirror:
        return plain
    images, *descriptors = dataset.inputs(mirrored=1)
    return (plain + _forward(network, [images[:, :, ::-1], *descriptors])) / 2


def _forward(network: keras.Model, inputs: list[np.ndarray]) -> np.ndarray:
    """Run the network in inference mode, batch by batch; the last batch is filled up so that one shape is compiled."""
    count = len(inputs[0])
    fill = -count % min(BATCH, count)
    padded = [np.concatenate([array, np.repeat(array[-1:], fill, axis=0)]) for array in inputs]
    return network.predict(padded, batch_size=min(BATCH, count), verbose=0)[:count]
