"""Probabilities of a network for a data set: of the faces as they are, or averaged over ten crops of each."""

import keras
import numpy as np

from openfer.networks.inference import probabilities
from openfer.prediction.crops import PLAIN, TEN, Crop, crop_of
from openfer.training.dataset import Dataset


def predict(network: keras.Model, dataset: Dataset, crop: Crop = PLAIN) -> np.ndarray:
    """Return probabilities (n, 7) float32 for one crop of every face.

    Args:
        network: what `networks.build.build` returned, or a trained one.
        dataset: the faces.
        crop: of the pictures. The descriptors are those of the face or of its mirror image, whatever the shift.
    """
    mirrored, _ = crop
    images, *descriptors = dataset.inputs(mirrored)
    return probabilities(network, [crop_of(images, crop), *descriptors])


def predict_ten_crop(network: keras.Model, dataset: Dataset) -> np.ndarray:
    """Return the mean of the probabilities (n, 7) float32 over ten crops of every face (`crops.TEN`)."""
    return np.mean([predict(network, dataset, crop) for crop in TEN], axis=0)
