"""How good predictions are: accuracy with its interval, macro-F1, the figures of each class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from openfer.emotions import EMOTIONS


def score(labels: np.ndarray, predicted: np.ndarray, names: Sequence[str] = EMOTIONS) -> dict[str, Any]:
    """Return accuracy, its 95 % interval, macro-F1 and, per class, precision, recall, F1 and count.

    A class without a face, true or predicted, is left out of macro-F1, as scikit-learn does.

    Args:
        labels: (n,) true codes.
        predicted: (n,) predicted codes.
        names: of the classes, in the order of their codes.
    """
    right = int((labels == predicted).sum())
    codes = np.arange(len(names))
    columns = precision_recall_fscore_support(labels, predicted, labels=codes, zero_division=0)
    classes = {
        emotion: {
            "precision": float(precision),
            "recall": float(recall),
            "f1": float(f1),
            "count": int(count),
        }
        for emotion, precision, recall, f1, count in zip(names, *columns, strict=True)
    }
    low, high = interval(right, len(labels))
    return {
        "accuracy": right / len(labels),
        "low": low,
        "high": high,
        "macro_f1": float(f1_score(labels, predicted, average="macro", zero_division=0)),
        "count": len(labels),
        "classes": classes,
    }


def interval(successes: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of the share successes / count (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    found = binomtest(successes, count).proportion_ci(method="wilson")
    return float(found.low), float(found.high)
