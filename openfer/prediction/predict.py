"""Probabilities of a network for a data set: of the faces as they are, or averaged over ten views of each."""

import keras
import numpy as np

from openfer.networks.inference import probabilities
from openfer.prediction.views import PLAIN, TEN, View, view_of
from openfer.training.dataset import Dataset


def predict(network: keras.Model, dataset: Dataset, view: View = PLAIN) -> np.ndarray:
    """Return probabilities (n, 7) float32 for one view of every face.

    Args:
        network: what `networks.build.build` returned, or a trained one.
        dataset: the faces.
        view: of the pictures. The descriptors are those of the face or of its mirror image, whatever the shift.
    """
    mirrored, _ = view
    images, *descriptors = dataset.inputs(mirrored)
    return probabilities(network, [view_of(images, view), *descriptors])


def predict_ten_crop(network: keras.Model, dataset: Dataset) -> np.ndarray:
    """Return the mean of the probabilities (n, 7) float32 over ten crops of every face (`views.TEN`)."""
    return np.mean([predict(network, dataset, view) for view in TEN], axis=0)
