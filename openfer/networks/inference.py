"""A network over many rows in inference mode."""

from collections.abc import Sequence

import keras
import numpy as np

BATCH = 512
"""Rows that go through the network together."""


def probabilities(network: keras.Model, inputs: Sequence[np.ndarray]) -> np.ndarray:
    """Return probabilities (n, classes) float32, batch by batch.

    Args:
        network: what `networks.build.build` returned, or a trained one.
        inputs: an array of n rows for each input of the network, in their order.
    """
    count = len(inputs[0])
    # The last batch is filled up, so that one shape is compiled.
    fill = -count % min(BATCH, count)
    padded = [np.concatenate([array, np.repeat(array[-1:], fill, axis=0)]) for array in inputs]
    return network.predict(padded, batch_size=min(BATCH, count), verbose=0)[:count]
