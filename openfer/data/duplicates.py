"""Duplicates, byte-identical images: which there are, and which of one set also stand in another."""

import numpy as np


def first_duplicates(images: np.ndarray) -> np.ndarray:
    """Return for each image the index of the first image identical to it, (n,) int; its own if it is the first.

    Images are compared byte by byte, (n, …) of any type.
    """
    first: dict[bytes, int] = {}
    return np.array([first.setdefault(image.tobytes(), index) for index, image in enumerate(images)], dtype=int)


def is_duplicate(images: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Tell which images (n, …) have a byte-identical duplicate in reference (m, …): (n,) bool."""
    known = {image.tobytes() for image in reference}
    return np.array([image.tobytes() in known for image in images], dtype=bool)
