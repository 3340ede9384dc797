"""Histograms of oriented gradients (Dalal & Triggs, CVPR 2005) by scikit-image: of the whole face and of windows of it.

As published for FER2013 with the library of 2017: a block is one cell, and its norm L1, which was the default then
(now it is L2-Hys). Today's library refuses a window that is smaller than a cell; it holds no cell, and so no value.
"""

from collections.abc import Callable, Iterator

import numpy as np

from openfer.descriptors.chunks import described
from openfer.descriptors.settings import Hog, SlidingHog
from openfer.emotions import IMAGE_SIZE

NORM = "L1"
"""Of a block, which is one cell: its values sum to 1, or are zero where the cell is flat."""


def length(settings: Hog) -> int:
    """Return how many values describe a face: 72 for cells of 16 pixels and 8 orientations."""
    return (IMAGE_SIZE // settings.cell) ** 2 * settings.orientations


def describe(images: np.ndarray, settings: Hog, workers: int | None = None) -> np.ndarray:
    """Describe every face by the directions of its gradients in large cells.

    Args:
        images: (n, 48, 48) uint8.
        settings: cells and orientations.
        workers: number of threads; None takes every core. It does not change the result.

    Returns:
        (n, d) float32 with d = `length(settings)`, ordered by row of cells, column, orientation.
    """
    return _all(lambda faces: cells(faces, settings), images, length(settings), "HOG", workers)


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


def describe_windows(images: np.ndarray, settings: SlidingHog, workers: int | None = None) -> np.ndarray:
    """Describe every face by the HOG of windows that slide over it.

    Args:
        images: (n, 48, 48) uint8.
        settings: windows, cells and orientations.
        workers: number of threads; None takes every core. It does not change the result.

    Returns:
        (n, d) float32 with d = `sliding_length(settings)`, ordered by window, row of cells, column, orientation.
    """
    held = [window for window in windows(settings) if min(_cells_along(span, settings) for span in window) > 0]

    def describe_chunk(faces: np.ndarray) -> np.ndarray:
        return np.concatenate([cells(faces[:, rows, columns], settings) for rows, columns in held], axis=1)

    return _all(describe_chunk, images, sliding_length(settings), "Sliding HOG", workers)


def cells(pictures: np.ndarray, settings: Hog | SlidingHog) -> np.ndarray:
    """Describe pictures of one size with a single call of scikit-image, which takes 0.2 ms however small a picture is.

    They are put below each other, at a distance at which the cells of all lie on one grid, and the gap between them is
    filled by reflection: across a border that is mirrored the difference of the neighbours is 0, which is the gradient
    that scikit-image takes at the border of a picture. So the result is that of one call a picture, to the bit.

    Args:
        pictures: (n, h, w) uint8 with h and w at least the side of a cell.
        settings: cells and orientations.

    Returns:
        (n, d) float32, ordered by row of cells, column, orientation.
    """
    from skimage.feature import hog  # not at the top: who does without it need not have it

    cell, (count, *shape) = settings.cell, pictures.shape
    high, wide = (side // cell for side in shape)
    (above, below), beside = (_gaps(side, cell) for side in shape)
    padded = np.pad(pictures, [(0, 0), (above, below), beside], mode="reflect")
    sheet = padded.reshape(-1, padded.shape[2])[above:, beside[0] :]
    found = hog(
        np.pad(sheet, [(0, above), (0, 0)]),  # to whole cells below the last picture
        orientations=settings.orientations,
        pixels_per_cell=(cell, cell),
        cells_per_block=(1, 1),
        block_norm=NORM,
        feature_vector=False,
    )
    found = found.reshape(count, -1, found.shape[1], settings.orientations)[:, :high, :wide]
    return found.reshape(count, -1).astype(np.float32)


def _gaps(side: int, cell: int) -> tuple[int, int]:
    """Return the pixels before and behind a side with which it is a number of whole cells, at least one each."""
    gap = cell - side % cell
    gap += cell if gap == 1 else 0
    return gap // 2, gap - gap // 2


def _cells_along(span: slice, settings: SlidingHog) -> int:
    return (span.stop - span.start) // settings.cell


def _all(
    describe_chunk: Callable[[np.ndarray], np.ndarray],
    images: np.ndarray,
    values: int,
    label: str,
    workers: int | None,
) -> np.ndarray:
    features = np.empty((len(images), values), np.float32)
    for rows, found in described(describe_chunk, images, label, workers):
        features[rows] = found
    return features
