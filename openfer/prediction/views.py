"""Views of a face that are averaged in prediction: the face, four shifts of it, and the mirror images of these."""

import itertools

import numpy as np

from openfer.emotions import IMAGE_SIZE

SHIFT = 3
"""Pixels by which the four shifted views differ from the face along both axes."""

View = tuple[int, tuple[int, int]]
"""A view: 1 for mirrored, and pixels (down, right); the border is repeated."""

PLAIN: View = (0, (0, 0))
BOTH: tuple[View, ...] = (PLAIN, (1, (0, 0)))
"""The face and its mirror image."""

TEN: tuple[View, ...] = tuple(itertools.product((0, 1), ((0, 0), *itertools.product((-SHIFT, SHIFT), repeat=2))))
"""In the manner of ten-crop testing."""


def view_of(images: np.ndarray, view: View) -> np.ndarray:
    """Return a view of every image.

    Args:
        images: (n, 48, 48, …).
        view: moved by at most `SHIFT`.
    """
    mirrored, (down, right) = view
    if mirrored:
        images = images[:, :, ::-1]
    if not (down or right):
        return images
    padded = np.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)) + ((0, 0),) * (images.ndim - 3), mode="edge")
    top, left = SHIFT - down, SHIFT - right
    return padded[:, top : top + IMAGE_SIZE, left : left + IMAGE_SIZE]
