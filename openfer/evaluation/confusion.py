"""Confusion matrices: counts, and the table of them."""

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import confusion_matrix

from openfer.emotions import EMOTIONS


def confusion_counts(labels: np.ndarray, predicted: np.ndarray, classes: int = len(EMOTIONS)) -> np.ndarray:
    """Return (classes, classes) counts; row = true emotion, column = predicted emotion."""
    return confusion_matrix(labels, predicted, labels=range(classes))


def confusion_rows(
    system: str, counts: np.ndarray, names: Sequence[str] = EMOTIONS
) -> list[dict[str, str | int | float]]:
    """Return one row per cell: system, true and predicted emotion, count, share of the true emotion's faces."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return [
        {
            "system": system,
            "actual": names[row],
            "predicted": names[column],
            "count": int(counts[row, column]),
            "share": round(float(shares[row, column]), 4),
        }
        for row, column in np.ndindex(counts.shape)
    ]
