"""Probabilities of a network for a data set: of the faces as they are, or averaged over ten views of each."""

import keras
import numpy as np

from openfer.prediction.views import PLAIN, TEN, View, view_of
from openfer.training.dataset import Dataset

BATCH = 512


def predict(network: keras.Model, dataset: Dataset, view: View = PLAIN) -> np.ndarray:
    """Return probabilities (n, 7) float32 for one view of every face.

    Args:
        network: what `openfer.networks.build` returned, or a trained one.
        dataset: the faces.
        view: of the pictures. The descriptors are those of the face or of its mirror image, whatever the shift.
    """
    mirrored, _ = view
    images, *descriptors = dataset.inputs(mirrored)
    return _forward(network, [view_of(images, view), *descriptors])


def predict_ten_views(network: keras.Model, dataset: Dataset) -> np.ndarray:
    """Return the mean of the probabilities (n, 7) float32 over ten views of every face."""
    return np.mean([predict(network, dataset, view) for view in TEN], axis=0)


def _forward(network: keras.Model, inputs: list[np.ndarray]) -> np.ndarray:
    """Run the network in inference mode, batch by batch; the last batch is filled up so that one shape is compiled."""
    count = len(inputs[0])
    fill = -count % min(BATCH, count)
    padded = [np.concatenate([array, np.repeat(array[-1:], fill, axis=0)]) for array in inputs]
    return network.predict(padded, batch_size=min(BATCH, count), verbose=0)[:count]
