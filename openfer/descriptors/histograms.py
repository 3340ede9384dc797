"""Bags of visual words: which words of the vocabulary occur in a face, and roughly where."""

from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from openfer.descriptors.settings import Histograms
from openfer.descriptors.sift import rootsift
from openfer.emotions import IMAGE_SIZE
from openfer.errors import Refused

FACES = 64
"""Faces whose descriptors are assigned in one matrix product."""

SHARPNESS = 20.0
"""Inverse variance of the Gaussian by which a descriptor is shared out among its nearest words."""


def size(words: int, levels: Sequence[int]) -> int:
    """Return how many values describe a face: every word in every cell of every level."""
    return words * sum(level**2 for level in levels)


def nearest_words(descriptors: np.ndarray, vocabulary: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest words of each descriptor (Euclidean) with one matrix product.

    |d − w|² = |d|² − 2 (d·w − |w|²/2), and |d|² cancels in the shares.

    Args:
        descriptors: (m, 128) RootSIFT.
        vocabulary: (k, 128).
        count: how many words; 1 is the hard assignment of Csurka et al. 2004, more the soft one of Philbin et al. 2008
            (doi:10.1109/CVPR.2008.4587635).

    Returns:
        (m, count) codes of the words, and (m, count) their shares, which sum to 1.
    """
    closeness = descriptors @ vocabulary.T - np.square(vocabulary).sum(axis=1) / 2
    words = np.argpartition(-closeness, count - 1, axis=1)[:, :count]
    closeness = np.take_along_axis(closeness, words, axis=1)
    shares = np.exp(SHARPNESS * (closeness - closeness.max(axis=1, keepdims=True)))
    return words, shares / shares.sum(axis=1, keepdims=True)


def describe(
    descriptors: np.ndarray,
    positions: np.ndarray,
    counts: np.ndarray,
    vocabulary: np.ndarray,
    settings: Histograms,
) -> np.ndarray:
    """Count the words of every face and view in the cells of a spatial pyramid (Lazebnik et al. 2006).

    Args:
        descriptors: (m, 128) ordered by face, then view, as `sift.describe` returns them.
        positions: (m, 2) of their key points.
        counts: (n, 2) how many belong to each face and view.
        vocabulary: (k, 128) float32, of RootSIFT.
        settings: how words are counted.

    Returns:
        (n, 2, d) float32 with d = `size(k, levels)`: square roots of counts, with L2 norm 1, or zero where a view has
        no key point.

    Raises:
        Refused: more neighbours than words.
    """
    levels, neighbours = settings.levels, settings.neighbours
    if neighbours > len(vocabulary):
        raise Refused(f"sift.histograms.neighbours must be at most the {len(vocabulary)} words. Received: {neighbours}")
    width = size(len(vocabulary), levels)
    histograms = np.zeros((*counts.shape, width), np.float32)
    ends = np.concatenate([[0], counts.sum(axis=1).cumsum()])
    with tqdm(total=len(counts), desc="Visual words", unit="face", delay=1) as bar:
        for start in range(0, len(counts), FACES):
            stop = min(start + FACES, len(counts))
            own = slice(ends[start], ends[stop])
            words, shares = nearest_words(rootsift(descriptors[own]), vocabulary, neighbours)
            places = _cells(positions[own], levels)[:, :, np.newaxis] * len(vocabulary) + words[:, np.newaxis]
            views = np.repeat(np.arange(2 * (stop - start)), counts[start:stop].ravel())
            histograms[start:stop] = _histograms(places, shares, views, (stop - start, 2, width))
            bar.update(stop - start)
    return histograms


def _cells(positions: np.ndarray, levels: Sequence[int]) -> np.ndarray:
    """Return (m, levels) the cell of each key point on each level; cells are numbered through all levels."""
    firsts = np.cumsum([0, *(level**2 for level in levels)])
    columns = []
    for first, level in zip(firsts, levels, strict=False):
        column, row = np.clip(positions.T * level // IMAGE_SIZE, 0, level - 1).astype(int)
        columns.append(first + row * level + column)
    return np.stack(columns, axis=1)


def _histograms(places: np.ndarray, shares: np.ndarray, views: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Add up shares and normalise.

    Args:
        places: (m, levels, words) positions in the histogram of a view.
        shares: (m, words) what is added there.
        views: (m,) the view of each descriptor, numbered through all faces.
        shape: of the result: faces, 2, values.
    """
    places = views[:, np.newaxis, np.newaxis] * shape[-1] + places
    weights = np.broadcast_to(shares[:, np.newaxis], places.shape)
    roots = np.sqrt(np.bincount(places.ravel(), weights.ravel(), np.prod(shape))).reshape(shape)
    return roots / np.maximum(np.linalg.norm(roots, axis=-1, keepdims=True), np.finfo(np.float32).tiny)
