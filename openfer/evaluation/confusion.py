"""Confusion matrices: counts, and the table of them."""

import numpy as np
from sklearn.metrics import confusion_matrix

from openfer.emotions import EMOTIONS


def confusion_counts(labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return (7, 7) counts; row = true emotion, column = predicted emotion."""
    return confusion_matrix(labels, predicted, labels=range(len(EMOTIONS)))


def confusion_rows(system: str, counts: np.ndarray) -> list[dict[str, str | int | float]]:
    """Return one row per cell: system, true and predicted emotion, count, share of the true emotion's faces."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return [
        {
            "system": system,
            "actual": EMOTIONS[row],
            "predicted": EMOTIONS[column],
            "count": int(counts[row, column]),
            "share": round(float(shares[row, column]), 4),
        }
        for row, column in np.ndindex(counts.shape)
    ]
