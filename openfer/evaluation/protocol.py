"""What a result is about: the official split, known by its faces of each emotion, and faces without a duplicate."""

import numpy as np

from openfer.data.duplicates import is_duplicate
from openfer.emotions import EMOTIONS, PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING
from openfer.errors import Refused

OFFICIAL = {
    TRAINING: (3995, 436, 4097, 7215, 4830, 3171, 4965),
    PUBLIC_TEST: (467, 56, 496, 895, 653, 415, 607),
    PRIVATE_TEST: (491, 55, 528, 879, 594, 416, 626),
}
"""Faces of each emotion in the splits of FER2013 (Goodfellow et al. 2013, arXiv:1307.0414)."""


class ProtocolError(Refused):
    """The splits are not what they should be."""


def protocol(labels: np.ndarray, split: np.ndarray) -> str:
    """Name the protocol that a result follows: "official FER2013 split" or "not the official FER2013 split".

    Args:
        labels: (n,) codes of emotions.
        split: (n,) codes of splits.

    Raises:
        ProtocolError: the two evaluation splits have changed places, as in published results that chose the epoch on
            PrivateTest and reported PublicTest.
    """
    found = {code: class_counts(labels[split == code]) for code in OFFICIAL}
    if found[PUBLIC_TEST] == OFFICIAL[PRIVATE_TEST] and found[PRIVATE_TEST] == OFFICIAL[PUBLIC_TEST]:
        raise ProtocolError(
            f"{SPLITS[PUBLIC_TEST]} and {SPLITS[PRIVATE_TEST]} have changed places: correct the column Usage"
        )
    return "official FER2013 split" if found == OFFICIAL else "not the official FER2013 split"


def has_duplicate(images: np.ndarray, split: np.ndarray, code: int) -> np.ndarray:
    """Tell of each face of a split whether Training holds a byte-identical image.

    Args:
        images: (n, 48, 48) of all faces.
        split: (n,) codes of splits.
        code: of the split.
    """
    return is_duplicate(images[split == code], images[split == TRAINING])


def without_duplicate(images: np.ndarray, split: np.ndarray, code: int) -> np.ndarray:
    """Return the positions of the faces of a split of which Training holds no byte-identical image.

    Args:
        images: (n, 48, 48) of all faces.
        split: (n,) codes of splits.
        code: of the split.

    Raises:
        ProtocolError: there are none.
    """
    rows = np.flatnonzero(split == code)[~has_duplicate(images, split, code)]
    if not len(rows):
        raise ProtocolError(
            f"every image of {SPLITS[code]} has a duplicate in {SPLITS[TRAINING]}, so that it measures nothing: "
            f"split the data another way"
        )
    return rows


def class_counts(labels: np.ndarray) -> tuple[int, ...]:
    """Count the faces of each emotion."""
    return tuple(int(count) for count in np.bincount(labels, minlength=len(EMOTIONS)))
