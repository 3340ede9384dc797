"""Dense SIFT as published with the first hybrids on FER2013: key points of one size on a grid, raw values.

Beside the house's own (dsift.py) it is plain: the grid begins in the corner of the face, nothing is reflected at the
border, the values are OpenCV's whole numbers, 512 long a point, and the mirror image is left out.
"""

import cv2
import numpy as np

from openfer.descriptors.chunks import described
from openfer.descriptors.settings import LENGTH, RawGrid
from openfer.emotions import IMAGE_SIZE


def places(grid: RawGrid) -> np.ndarray:
    """Return the places of the grid along one axis, in pixels: 0, 12, 24, 36 for a step of 12."""
    return np.arange(0.0, IMAGE_SIZE, grid.step)


def length(grid: RawGrid) -> int:
    """Return how many values describe a face: 2048 for a step of 12 pixels."""
    return len(places(grid)) ** 2 * LENGTH


def describe(images: np.ndarray, grid: RawGrid, workers: int | None = None) -> np.ndarray:
    """Describe every face on the grid.

    Args:
        images: (n, 48, 48) uint8.
        grid: where and how large.
        workers: number of threads; None takes every core. It does not change the result.

    Returns:
        (n, d) float32 with d = `length(grid)`, whole numbers from 0 to 255, ordered by row, column, SIFT value.
    """
    along = places(grid).tolist()
    points = [cv2.KeyPoint(x, y, grid.diameter, angle=0) for y in along for x in along]

    def describe_chunk(faces: np.ndarray) -> np.ndarray:
        sift = cv2.SIFT_create()
        return np.stack([sift.compute(face, points)[1].ravel() for face in faces])

    features = np.empty((len(images), length(grid)), np.float32)
    for rows, values in described(describe_chunk, images, "Dense SIFT", workers):
        features[rows] = values
    return features
