"""Probabilities of a network for a data set: of the faces as they are, or averaged over ten views of each."""

import itertools

import keras
import numpy as np

from fer.dataset import Dataset
from fer.emotions import IMAGE_SIZE

BATCH = 512

SHIFT = 3
"""Pixels by which the four shifted views differ from the face along both axes."""

VIEWS = tuple(itertools.product((0, 1), ((0, 0), *itertools.product((-SHIFT, SHIFT), repeat=2))))
"""The ten views, (mirrored, (down, right)): the face and four shifts of it, and the mirror images of these."""


def predict(
    network: keras.Model, dataset: Dataset, *, mirrored: int = 0, shift: tuple[int, int] = (0, 0)
) -> np.ndarray:
    """Return probabilities (n, 7) float32 for one view of every face.

    Args:
        network: what `fer.networks.build` returned, or a trained one.
        dataset: the faces.
        mirrored: 1 for the mirror images, with the descriptors of these.
        shift: pixels down and right, at most `SHIFT`; the border is repeated. Descriptors stay those of the face.
    """
    images, *descriptors = dataset.inputs(mirrored)
    if mirrored:
        images = images[:, :, ::-1]
    if any(shift):
        images = _shifted(images, *shift)
    return _forward(network, [images, *descriptors])


def predict_ten_views(network: keras.Model, dataset: Dataset) -> np.ndarray:
    """Return the mean of the probabilities (n, 7) float32 over `VIEWS`, in the manner of ten-crop testing."""
    return np.mean([predict(network, dataset, mirrored=mirrored, shift=shift) for mirrored, shift in VIEWS], axis=0)


def _shifted(images: np.ndarray, down: int, right: int) -> np.ndarray:
    padded = np.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode="edge")
    top, left = SHIFT - down, SHIFT - right
    return padded[:, top : top + IMAGE_SIZE, left : left + IMAGE_SIZE]


def _forward(network: keras.Model, inputs: list[np.ndarray]) -> np.ndarray:
    """Run the network in inference mode, batch by batch; the last batch is filled up so that one shape is compiled."""
    count = len(inputs[0])
    fill = -count % min(BATCH, count)
    padded = [np.concatenate([array, np.repeat(array[-1:], fill, axis=0)]) for array in inputs]
    return network.predict(padded, batch_size=min(BATCH, count), verbose=0)[:count]
