"""Do probabilities mean what they say? Expected calibration error, reliability, temperature scaling."""

import numpy as np
from scipy.optimize import minimize_scalar

BINS = 15
"""Bins of confidence, equally wide, as in Guo et al. 2017 (arXiv:1706.04599)."""

TINY = 1e-7
"""The smallest probability that is told from zero."""


def temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature that makes the probabilities fit the labels best (Guo et al. 2017).

    Args:
        probabilities: (n, 7).
        labels: (n,) true codes.

    Returns:
        The temperature, from 0.1 to 10, with the smallest cross-entropy; above 1 the probabilities were too sure.
    """
    found = minimize_scalar(
        lambda log: cross_entropy(scaled(probabilities, np.exp(log)), labels),
        bounds=(np.log(0.1), np.log(10)),
        method="bounded",
    )
    return float(np.exp(found.x))


def scaled(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities (n, 7) whose logarithms were divided by the temperature; the order of classes stays."""
    logits = np.log(np.maximum(probabilities.astype(float), TINY)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean of minus the logarithm of the true class's probability."""
    right = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(right, TINY)).mean())


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
    """Return the expected calibration error: the mean distance of confidence from accuracy, a face a vote."""
    rows = reliability(probabilities, labels)
    return sum(row["count"] * abs(row["confidence"] - row["accuracy"]) for row in rows) / len(labels)
