"""Near-duplicates: images that are almost, but not byte for byte, the same.

Correlating each image with each of Training takes a minute of processor time. Nearly all pairs are told apart by a
sketch, a unit vector of 145 numbers whose scalar products bound the correlation from above: the means of 4 × 4 pixels
and, as one number, the length of what they leave out (inequality of Cauchy and Schwarz). The few that remain are
correlated in whole numbers, so that the count does not depend on how a machine rounds.
"""

import numpy as np

from openfer.data.duplicates import is_duplicate
from openfer.emotions import IMAGE_SIZE

CORRELATION = 0.98
"""Pearson's, of the pixels, above which two images are near-duplicates."""

CELL = 4  # pixels
SLACK = 1e-3  # far more than the rounding of float32 in a bound
AT_ONCE = 512  # images, sketched or compared with all others at once: 60 MB for each 30,000 of these


def is_near_duplicate(images: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Tell which images have a near-duplicate, but no byte-identical duplicate, in reference.

    Args:
        images: (n, 48, 48) uint8.
        reference: (m, 48, 48) uint8.

    Returns:
        (n,) bool.
    """
    found = np.zeros(len(images), bool)
    others = np.flatnonzero(~is_duplicate(images, reference))
    sketches = _sketches(reference).T
    for start in range(0, len(others), AT_ONCE):
        indices = others[start : start + AT_ONCE]
        bounds = _sketches(images[indices]) @ sketches
        for index, bound in zip(indices, bounds, strict=True):
            found[index] = _has_near(images[index], reference, np.flatnonzero(bound > CORRELATION - SLACK))
    return found


def _sketches(images: np.ndarray) -> np.ndarray:
    """Return the sketches of images, (n, 145) float32."""
    cells = IMAGE_SIZE // CELL
    sketches = np.zeros((len(images), cells**2 + 1), np.float32)
    for start in range(0, len(images), AT_ONCE):
        part = images[start : start + AT_ONCE].astype(np.float32)
        part -= part.mean(axis=(1, 2), keepdims=True)
        length = np.linalg.norm(part, axis=(1, 2), keepdims=True)
        part /= np.where(length > 0, length, 1)  # a constant image stays zero
        means = CELL * part.reshape(-1, cells, CELL, cells, CELL).mean(axis=(2, 4)).reshape(len(part), -1)
        sketches[start : start + AT_ONCE, :-1] = means
        sketches[start : start + AT_ONCE, -1] = np.sqrt(np.maximum(1 - (means**2).sum(axis=1), 0))
    return sketches


def _has_near(image: np.ndarray, reference: np.ndarray, candidates: np.ndarray) -> bool:
    """Tell whether one of the candidates, indices in reference, is a near-duplicate of the image."""
    parts = (candidates[start : start + AT_ONCE] for start in range(0, len(candidates), AT_ONCE))
    return any(_correlates(image, reference[part]).any() for part in parts)


def _correlates(image: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Tell which others (m, 48, 48) correlate enough with an image (48, 48): (m,) bool, False for constant ones."""
    one, many = _centred(image[np.newaxis]), _centred(others)
    product = np.sqrt((one**2).sum(axis=1) * (many**2).sum(axis=1, dtype=float))
    return (one * many).sum(axis=1) > CORRELATION * product


def _centred(images: np.ndarray) -> np.ndarray:
    """Return the pixels less their mean, times their number: (n, 2304) int64, no rounding."""
    pixels = images.reshape(len(images), -1).astype(np.int64)
    return pixels.shape[1] * pixels - pixels.sum(axis=1, keepdims=True)
