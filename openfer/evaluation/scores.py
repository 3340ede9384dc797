"""How good predictions are: accuracy with its interval, macro-F1, the figures of each class."""

from typing import Any

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from openfer.emotions import EMOTIONS

Z95 = 1.959964
"""Two-sided 95 % quantile of the normal distribution."""


def score(labels: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """Return accuracy, its 95 % interval, macro-F1 and, per class, precision, recall, F1 and count.

    Args:
        labels: (n,) true codes.
        predicted: (n,) predicted codes.
    """
    accuracy = float((labels == predicted).mean())
    codes = np.arange(len(EMOTIONS))
    columns = precision_recall_fscore_support(labels, predicted, labels=codes, zero_division=0)
    classes = {
        emotion: {
            "precision": float(precision),
            "recall": float(recall),
            "f1": float(f1),
            "count": int(count),
        }
        for emotion, precision, recall, f1, count in zip(EMOTIONS, *columns, strict=True)
    }
    low, high = interval(accuracy, len(labels))
    return {
        "accuracy": accuracy,
        "low": low,
        "high": high,
        "macro_f1": float(columns[2].mean()),
        "count": len(labels),
        "classes": classes,
    }


def interval(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `count` trials after Wilson 1927 (doi:10.1080/01621459.1927.10502953)."""
    centre = (share + Z95**2 / (2 * count)) / (1 + Z95**2 / count)
    half = Z95 * np.sqrt(share * (1 - share) / count + Z95**2 / (4 * count**2)) / (1 + Z95**2 / count)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))
