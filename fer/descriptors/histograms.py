"""Bags of visual words: how often each word of the vocabulary occurs in a face."""

import numpy as np
from tqdm import tqdm

FACES = 64
"""Faces whose descriptors are assigned in one matrix product: about 4,000 × 2,048 distances, 32 MiB."""


def nearest_words(descriptors: np.ndarray, vocabulary: np.ndarray) -> np.ndarray:
    """Return (m,) the nearest word of each descriptor (Euclidean; the first of equals), from one matrix product.

    |d − w|² is smallest where d·w − |w|²/2 is largest.
    """
    products = descriptors.astype(np.float32) @ vocabulary.T
    products -= np.square(vocabulary).sum(axis=1) / 2
    return products.argmax(axis=1)


def describe(descriptors: np.ndarray, counts: np.ndarray, vocabulary: np.ndarray) -> np.ndarray:
    """Count the words of every face and view.

    Args:
        descriptors: (m, 128) ordered by face, then view, as `sift.describe` returns them.
        counts: (n, 2) how many belong to each face and view.
        vocabulary: (k, 128) float32.

    Returns:
        (n, 2, k) float32; a histogram sums to 1, or is zero everywhere where a view has no key point.
    """
    histograms = np.zeros((*counts.shape, len(vocabulary)), np.float32)
    ends = np.concatenate([[0], counts.sum(axis=1).cumsum()])
    with tqdm(total=len(counts), desc="Visual words", unit="face", delay=1) as bar:
        for start in range(0, len(counts), FACES):
            stop = min(start + FACES, len(counts))
            words = nearest_words(descriptors[ends[start] : ends[stop]], vocabulary)
            histograms[start:stop] = _histograms(words, counts[start:stop], len(vocabulary))
            bar.update(stop - start)
    return histograms


def _histograms(words: np.ndarray, counts: np.ndarray, size: int) -> np.ndarray:
    """Return (c, 2, size): the share of each word among the words of each face and view."""
    views = np.repeat(np.arange(counts.size), counts.ravel())
    occurrences = np.bincount(views * size + words, minlength=counts.size * size).reshape(*counts.shape, size)
    return occurrences / np.maximum(counts, 1)[..., np.newaxis]
