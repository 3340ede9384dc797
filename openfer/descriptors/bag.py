"""The bag of SIFT words as published with the first hybrids on FER2013 (after arXiv:1608.02833).

Beside the house's own (vocabulary.py, histograms.py) it is plain: OpenCV's default detector, raw descriptors, each
given to its nearest word, no pyramid, the face without its mirror image. Not as published: the words are learned
from Training alone, of the pictures themselves and not of JPEG copies, by a fixed number of steps.
"""

import numpy as np
from tqdm import tqdm

from openfer.descriptors import sift
from openfer.descriptors.histograms import nearest_words
from openfer.descriptors.settings import Bag, KeyPoints
from openfer.descriptors.vocabulary import clusters
from openfer.errors import Refused

DETECTOR = KeyPoints(contrast_threshold=0.04, edge_threshold=10.0, sigma=1.6)
"""OpenCV's defaults."""

BLOCK = 8192
"""Descriptors that are assigned in one matrix product."""


def describe(images: np.ndarray, workers: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Find and describe the key points of every face.

    Args:
        images: (n, 48, 48) uint8.
        workers: number of threads; None takes every core. It does not change the result.

    Returns:
        (m, 128) uint8, the descriptors ordered by face, and (n,) int64, how many belong to each face.
    """
    descriptors, _, counts = sift.describe(images, DETECTOR, workers)
    views = np.repeat(np.arange(counts.size) % 2, counts.ravel())
    return descriptors[views == 0], counts[:, 0].astype(np.int64)


def fit(descriptors: np.ndarray, counts: np.ndarray, training: np.ndarray, settings: Bag) -> np.ndarray:
    """Cluster the descriptors of the Training faces into visual words.

    Args:
        descriptors: (m, 128), as `describe` returns them.
        counts: (n,) how many belong to each face.
        training: (n,) bool, the Training faces.
        settings: how many words.

    Returns:
        (k, 128) float32, one word a row.

    Raises:
        Refused: fewer descriptors than words.
    """
    own = descriptors[np.repeat(training, counts)]
    if len(own) < settings.words:
        raise Refused(
            f"features.sift.words of baselines/params.yaml must be at most the {len(own):,} SIFT descriptors of the "
            f"{training.sum():,} Training faces. Received: {settings.words:,}"
        )
    return clusters(own.astype(np.float32), settings.words, settings.seed)


def histograms(descriptors: np.ndarray, counts: np.ndarray, vocabulary: np.ndarray) -> np.ndarray:
    """Count the words of every face.

    Args:
        descriptors: (m, 128), as `describe` returns them.
        counts: (n,) how many belong to each face.
        vocabulary: (k, 128) float32.

    Returns:
        (n, k) float32, shares that sum to 1, or zeros where a face has no key point.
    """
    words = np.empty(len(descriptors), np.int64)
    with tqdm(total=len(descriptors), desc="Words", unit="key point", delay=1) as bar:
        for start in range(0, len(descriptors), BLOCK):
            block = slice(start, start + BLOCK)
            words[block] = nearest_words(descriptors[block].astype(np.float32), vocabulary, 1)[0][:, 0]
            bar.update(len(words[block]))
    faces = np.repeat(np.arange(len(counts)), counts)
    found = np.zeros((len(counts), len(vocabulary)), np.float32)
    np.add.at(found, (faces, words), 1)
    return found / np.maximum(counts, 1, dtype=np.float32)[:, np.newaxis]
