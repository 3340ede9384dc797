"""The faces of one split as a published system sees them."""

import numpy as np

from openfer.emotions import EMOTIONS
from openfer.training.dataset import Dataset
from pipeline import arrays


def faces(features: str, code: int, labelled: bool = True) -> Dataset:
    """Return the faces of a split, with what a system sees beside the picture.

    The mirror image of a face has the face's own features, as their authors had it: they augmented pictures alone.

    Args:
        features: name of their file; "" for a network on pixels alone.
        code: of the split.
        labelled: whether the labels, and what they are codes of, are read; else they are zeros.
    """
    images, split = arrays.images(), arrays.split()
    rows = np.flatnonzero(split == code)
    labels, classes = np.zeros(len(rows), np.uint8), len(EMOTIONS)
    if labelled:
        labels, classes = arrays.faces()[1][rows], len(arrays.emotions())
    if not features:
        return Dataset(images[rows], labels, classes=classes)
    values = arrays.feature(features, len(images))[rows]
    both = np.broadcast_to(values[:, np.newaxis], (len(rows), 2, values.shape[1]))
    return Dataset(images[rows], labels, both, classes=classes)
