"""Histograms of oriented gradients (Dalal & Triggs, CVPR 2005) by scikit-image: of the whole face and of windows of it.

As published for FER2013 with the library of 2017: a block is one cell, and its norm L1, which was the default then
(now it is L2-Hys). Today's library refuses a window that is smaller than a cell; it holds no cell, and so no value.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from openfer.descriptors.chunks import described
from openfer.descriptors.settings import Hog, SlidingHog
from openfer.emotions import IMAGE_SIZE

NORM = "L1"
"""Of a block, which is one cell: its values sum to 1, or are zero where the cell is flat."""


def length(settings: Hog) -> int:
    """Return how many values describe a face: 72 for cells of 16 pixels and 8 orientations."""
    return (IMAGE_SIZE // settings.cell) ** 2 * settings.orientations


def describe(images: np.ndarray, settings: Hog) -> np.ndarray:
    """Describe every face by the directions of its gradients in large cells.

    Args:
        images: (n, 48, 48) uint8.
        settings: cells and orientations.

    Returns:
        (n, d) float32 with d = `length(settings)`, ordered by row of cells, column, orientation.
    """
    whole = slice(0, IMAGE_SIZE)
    return _describe(images, [(whole, whole)], settings, "HOG")


def windows(settings: SlidingHog) -> Iterator[tuple[slice, slice]]:
    """Yield rows and columns of each window, from the top left, clipped at the border of the face."""
    spans = [slice(at, min(at + settings.window, IMAGE_SIZE)) for at in range(0, IMAGE_SIZE, settings.step)]
    for rows in spans:
        for columns in spans:
            yield rows, columns


def sliding_length(settings: SlidingHog) -> int:
    """Return how many values describe a face by windows: 2592 as published."""
    held = (_cells_along(rows, settings) * _cells_along(columns, settings) for rows, columns in windows(settings))
    return sum(held) * settings.orientations


def describe_windows(images: np.ndarray, settings: SlidingHog) -> np.ndarray:
    """Describe every face by the HOG of windows that slide over it.

    Args:
        images: (n, 48, 48) uint8.
        settings: windows, cells and orientations.

    Returns:
        (n, d) float32 with d = `sliding_length(settings)`, ordered by window, row of cells, column, orientation.
    """
    held = [window for window in windows(settings) if min(_cells_along(span, settings) for span in window) > 0]
    return _describe(images, held, settings, "Sliding HOG")


def _cells_along(span: slice, settings: SlidingHog) -> int:
    return (span.stop - span.start) // settings.cell


def _describe(
    images: np.ndarray, held: Sequence[tuple[slice, slice]], settings: Hog | SlidingHog, label: str
) -> np.ndarray:
    """Return (n, d) float32, the HOG of some windows of every face, one after the other.

    In one thread: scikit-image holds Python's lock for most of the 0.06 ms that a window takes.
    """
    from skimage.feature import hog  # not at the top: who does without it need not have it

    cell = (settings.cell, settings.cell)

    def describe_chunk(faces: np.ndarray) -> np.ndarray:
        found = [
            hog(face[window], settings.orientations, cell, cells_per_block=(1, 1), block_norm=NORM)
            for face in faces
            for window in held
        ]
        return np.concatenate(found, dtype=np.float32).reshape(len(faces), -1)

    return np.concatenate([values for _, values in described(describe_chunk, images, label, workers=1)])
