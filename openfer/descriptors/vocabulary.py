"""The vocabulary of the bag of visual words (Csurka et al. 2004): k-means on SIFT descriptors."""

import numpy as np
from sklearn.cluster import MiniBatchKMeans

from openfer.descriptors.sift import rootsift
from openfer.errors import Refused

BATCH, EPOCHS = 8192, 5
"""Descriptors a step of mini-batch k-means sees, and how often it passes over the sample."""


def sample(counts: np.ndarray, faces: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Draw descriptors of some faces without replacement.

    Args:
        counts: (n, 2) number of descriptors of each face and view, as `sift.describe` returns them.
        faces: (n,) bool, the faces to draw from.
        size: how many to draw; all of them where there are fewer.
        seed: of the draw.

    Returns:
        (≤ size,) int64, ascending places in the array of descriptors.
    """
    candidates = np.flatnonzero(np.repeat(faces, counts.sum(axis=1)))
    if len(candidates) <= size:
        return candidates
    return np.sort(np.random.default_rng(seed).choice(candidates, size, replace=False))


def fit(descriptors: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Cluster the RootSIFT of descriptors into visual words with mini-batch k-means.

    Args:
        descriptors: (m, 128) any numbers.
        size: number of words.
        seed: of the first words and the batches.

    Returns:
        (size, 128) float32, one word a row, to be compared with RootSIFT.

    Raises:
        Refused: fewer descriptors than words.
    """
    if len(descriptors) < size:
        raise Refused(
            f"{len(descriptors)} SIFT descriptors cannot make {size} words: set sift.vocabulary.words and "
            "sift.vocabulary.sample so that the sample of the Training faces has at least one descriptor a word."
        )
    return clusters(rootsift(descriptors), size, seed)


def clusters(values: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Cluster rows of numbers with mini-batch k-means.

    The number of steps is fixed, so that no rounding difference decides when to stop: the same descriptors give
    the same bytes on the same machine.

    Args:
        values: (m, d) float32, at least as many as clusters.
        size: number of clusters.
        seed: of the first centres and the batches.

    Returns:
        (size, d) float32, the centres.
    """
    kmeans = MiniBatchKMeans(
        size,
        init_size=3 * size,
        batch_size=BATCH,
        max_iter=EPOCHS,
        max_no_improvement=None,
        n_init=1,
        random_state=seed,
    )
    return kmeans.fit(values).cluster_centers_.astype(np.float32)
