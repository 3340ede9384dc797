"""What a result is about: the official split, known by its faces of each emotion, and faces without a duplicate."""

from collections.abc import Mapping, Sequence

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


SEVEN = {emotion: (emotion,) for emotion in EMOTIONS}
"""The classes of FER2013: name → expressions that it stands for."""


class ProtocolError(Refused):
    """The splits are not what they should be."""


def protocol(labels: np.ndarray, split: np.ndarray, classes: Mapping[str, Sequence[str]] = SEVEN) -> str:
    """Name the protocol that a result follows, as "official FER2013 split" or "not the official FER2013 split".

    Where the classes are others than FER2013's seven, it says which: "official FER2013 split, 5 of 7 classes".

    Args:
        labels: (n,) codes of classes.
        split: (n,) codes of splits.
        classes: name → expressions that it stands for, in the order of the codes.

    Raises:
        ProtocolError: the two evaluation splits have changed places, as in published results that chose the epoch on
            PrivateTest and reported PublicTest.
    """
    found = {code: class_counts(labels[split == code], len(classes)) for code in OFFICIAL}
    official = {code: _official_counts(code, classes) for code in OFFICIAL}
    if found[PUBLIC_TEST] == official[PRIVATE_TEST] and found[PRIVATE_TEST] == official[PUBLIC_TEST]:
        raise ProtocolError(
            f"{SPLITS[PUBLIC_TEST]} and {SPLITS[PRIVATE_TEST]} have changed places: correct the column Usage"
        )
    split_name = "official FER2013 split" if found == official else "not the official FER2013 split"
    return f"{split_name}{_told_apart(classes)}"


def _official_counts(code: int, classes: Mapping[str, Sequence[str]]) -> tuple[int, ...]:
    """Return the faces of each class in a split of FER2013."""
    counts = dict(zip(EMOTIONS, OFFICIAL[code], strict=True))
    return tuple(sum(counts.get(member, 0) for member in members) for members in classes.values())


def _told_apart(classes: Mapping[str, Sequence[str]]) -> str:
    """Say which classes these are; nothing of FER2013's seven, whatever their order."""
    members = {member for group in classes.values() for member in group}
    alone = all(tuple(group) == (name,) for name, group in classes.items())
    if alone and members == set(EMOTIONS):
        return ""
    count = f"{len(members)} of {len(EMOTIONS)} classes" if members <= set(EMOTIONS) else f"{len(members)} classes"
    groups = "; ".join(f"{name}: {', '.join(group)}" for name, group in classes.items())
    return f", {count}" if alone else f", {count} as {len(classes)} ({groups})"


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


def class_counts(labels: np.ndarray, classes: int = len(EMOTIONS)) -> tuple[int, ...]:
    """Count the faces of each class."""
    return tuple(int(count) for count in np.bincount(labels, minlength=classes))
