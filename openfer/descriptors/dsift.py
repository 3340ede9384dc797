"""Dense SIFT: upright SIFT descriptors at the points of a regular grid, computed by OpenCV."""

from collections.abc import Sequence

import cv2
import numpy as np

from openfer.descriptors.chunks import described, views
from openfer.descriptors.settings import LENGTH, Grid
from openfer.descriptors.sift import rootsift
from openfer.emotions import IMAGE_SIZE

FLAT = 2.0
"""Standard deviation in grey levels under which a patch is noise: its descriptor is zero."""

BIN = 1.5
"""Width in pixels of one of the 4 × 4 bins a unit of key-point size (OpenCV: 3 · size / 2)."""


def centres(step: int) -> np.ndarray:
    """Return the places of the grid along one axis, in pixels: the middles of the cells; 12 gives 6, 18, 30, 42.

    They are whole, because OpenCV rounds the places of key points, half a pixel now up, now down.
    """
    return np.arange(float(step // 2), IMAGE_SIZE, step)


def length(grid: Grid) -> int:
    """Return how many values describe a face: 2048 for a step of 12 pixels and one size."""
    return len(centres(grid.step)) ** 2 * len(grid.sizes) * LENGTH


def describe(
    images: np.ndarray, grid: Grid, workers: int | None = None, dtype: type[np.floating] = np.float32
) -> np.ndarray:
    """Describe every face and its mirror image on the grid.

    Args:
        images: (n, 48, 48) uint8.
        grid: where and how.
        workers: number of threads; None takes every core. It does not change the result.
        dtype: of the result; FER2013 takes 2.6 GB as float32.

    Returns:
        (n, 2, d) with d = `length(grid)`, ordered by size, row, column, SIFT value. The 128 values of a point
        have L2 norm 1, or are zero where the patch is flat.
    """
    border = round(max(grid.sizes) * BIN * 2.5) + 1  # SIFT's bins fade out half a bin outside the 4 × 4
    points = _points(grid, border)
    patches = _patches(points)

    def describe_chunk(faces: np.ndarray) -> np.ndarray:
        sift = cv2.SIFT_create(sigma=grid.sigma)
        values = [_describe(sift, _reflected(view, border), points, patches) for face in faces for view in views(face)]
        return _normalise(np.stack(values), grid.normalisation).reshape(len(faces), 2, -1)

    features = np.empty((len(images), 2, length(grid)), dtype)
    for rows, values in described(describe_chunk, images, "Dense SIFT", workers):
        features[rows] = values
    return features


def _points(grid: Grid, border: int) -> list[cv2.KeyPoint]:
    """Return the upright key points of the grid on a picture with a border, ordered by size, row, column."""
    places = (centres(grid.step) + border).tolist()
    return [cv2.KeyPoint(x, y, size, angle=0) for size in grid.sizes for y in places for x in places]


def _reflected(image: np.ndarray, border: int) -> np.ndarray:
    return cv2.copyMakeBorder(image, border, border, border, border, cv2.BORDER_REFLECT_101)


def _describe(
    sift: cv2.SIFT, image: np.ndarray, points: Sequence[cv2.KeyPoint], patches: Sequence[np.ndarray]
) -> np.ndarray:
    """Return (points, 128) float32, zero where the patch is flat."""
    descriptors = sift.compute(image, points)[1]
    descriptors[_variances(image, *patches) < FLAT**2] = 0
    return descriptors


def _patches(points: Sequence[cv2.KeyPoint]) -> tuple[np.ndarray, ...]:
    """Return left, right, top, bottom, (points,) int each, of the 4 × 4 bins of every point."""
    x, y, reach = np.array([(*point.pt, 2 * BIN * point.size) for point in points]).T
    return tuple(np.rint(edge).astype(int) for edge in (x - reach, x + reach, y - reach, y + reach))


def _variances(
    image: np.ndarray, left: np.ndarray, right: np.ndarray, top: np.ndarray, bottom: np.ndarray
) -> np.ndarray:
    """Return (points,) the variance of the grey values in each patch, from integral images."""
    area = (right - left) * (bottom - top)
    mean, mean_square = (
        (table[bottom, right] - table[bottom, left] - table[top, right] + table[top, left]) / area
        for table in cv2.integral2(image)
    )
    return mean_square - mean**2


def _normalise(descriptors: np.ndarray, normalisation: str) -> np.ndarray:
    """Bring the last axis to L2 norm 1; zeros stay zeros."""
    if normalisation == "rootsift":
        return rootsift(descriptors)
    return descriptors / np.maximum(np.linalg.norm(descriptors, axis=-1, keepdims=True), np.finfo(np.float32).tiny)
