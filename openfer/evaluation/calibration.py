"""Do probabilities mean what they say? Calibration error, reliability, temperature, the frequency of the classes."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

BINS = 15
"""Bins of confidence, equally wide, as in Guo et al. 2017 (arXiv:1706.04599)."""

SMALLEST = 1e-7
"""Smaller probabilities are taken for this one, since zero has no logarithm."""


def temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature that makes the probabilities fit the labels best (Guo et al. 2017).

    Args:
        probabilities: (n, 7).
        labels: (n,) true codes.

    Returns:
        The temperature, from 0.1 to 10, with the smallest cross-entropy; above 1 the probabilities were too sure. 1
        where there is no face.
    """
    if not len(labels):
        return 1.0
    logits, faces = _logarithms(probabilities), np.arange(len(labels))
    found = minimize_scalar(
        lambda log: -log_softmax(logits / np.exp(log), axis=1)[faces, labels].mean(),
        bounds=(np.log(0.1), np.log(10)),
        method="bounded",
    )
    return float(np.exp(found.x))


def scaled(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities (n, 7) whose logarithms were divided by the temperature; the order of classes stays."""
    return softmax(_logarithms(probabilities) / temperature, axis=1)


def reweighted(probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return probabilities (n, k) where each class is so many times as frequent as it was in training.

    Formula: Saerens et al. 2002, doi:10.1162/089976602753284446. What a network answers is proportional to how frequent
    a class was where it learned.

    Args:
        probabilities: (n, k).
        weights: (k,) ratios of the shares of each class, any common factor.
    """
    raised = np.maximum(probabilities, SMALLEST) * weights
    return raised / raised.sum(axis=1, keepdims=True)


def class_shares(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return how frequent each class is, (classes,); one that is never there counts as one face."""
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    return counts / counts.sum()


def sure_from(probabilities: np.ndarray, labels: np.ndarray, accuracy: float) -> float:
    """Return the lowest confidence from which on the faces are right in `accuracy` of all cases; 1 where none is.

    Args:
        probabilities: (n, 7), calibrated.
        labels: (n,) true codes.
        accuracy: the share that must be right.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    order = np.argsort(-confidence, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(labels) + 1)
    enough = np.flatnonzero(shares >= accuracy)
    return float(confidence[order[enough[-1]]]) if len(enough) else 1.0


def reliability(probabilities: np.ndarray, labels: np.ndarray) -> list[dict[str, float]]:
    """Return for each bin that holds a face: "confidence" (mean), "accuracy" and "count"."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        {
            "confidence": float(confidence[bins == index].mean()),
            "accuracy": float(right[bins == index].mean()),
            "count": int((bins == index).sum()),
        }
        for index in np.unique(bins)
    ]


def calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the expected calibration error: the mean distance of confidence from accuracy, every face alike."""
    rows = reliability(probabilities, labels)
    return sum(row["count"] * abs(row["confidence"] - row["accuracy"]) for row in rows) / len(labels)


def _logarithms(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probabilities.astype(float), SMALLEST))
