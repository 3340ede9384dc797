"""Crops for test-time augmentation: the face, four shifts of it, and their mirror images, as in ten-crop testing."""

import itertools

import numpy as np

from openfer.emotions import IMAGE_SIZE

SHIFT = 3
"""Pixels by which the four shifted crops differ from the face along both axes."""

Crop = tuple[int, tuple[int, int]]
"""A crop: 1 for mirrored, and pixels (down, right); the border is repeated."""

PLAIN: Crop = (0, (0, 0))
BOTH: tuple[Crop, ...] = (PLAIN, (1, (0, 0)))
"""The face and its mirror image."""

TEN: tuple[Crop, ...] = tuple(itertools.product((0, 1), ((0, 0), *itertools.product((-SHIFT, SHIFT), repeat=2))))
"""Five places and their mirror images."""


def crop_of(images: np.ndarray, crop: Crop) -> np.ndarray:
    """Return a crop of every image.

    Args:
        images: (n, 48, 48, …).
        crop: moved by at most `SHIFT`.
    """
    mirrored, (down, right) = crop
    if mirrored:
        images = images[:, :, ::-1]
    if not (down or right):
        return images
    padded = np.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)) + ((0, 0),) * (images.ndim - 3), mode="edge")
    top, left = SHIFT - down, SHIFT - right
    return padded[:, top : top + IMAGE_SIZE, left : left + IMAGE_SIZE]
