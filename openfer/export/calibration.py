"""Temperature and threshold of an exported model, fitted on faces that it has not learned from."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from openfer.evaluation.calibration import scaled, sure_from, temperature


def calibrate(probabilities: np.ndarray, labels: np.ndarray, sure_accuracy: float) -> dict[str, float]:
    """Fit temperature and threshold.

    Args:
        probabilities: (n, 7) as the network gives them, of faces without a duplicate in Training.
        labels: (n,) true codes.
        sure_accuracy: share of the faces at or above the threshold that must be right.

    Returns:
        "temperature", and "unsure_below", the confidence under which a face is called unsure.
    """
    fitted = temperature(probabilities, labels)
    return {
        "temperature": fitted,
        "unsure_below": sure_from(scaled(probabilities, fitted), labels, sure_accuracy),
    }


def at_threshold(probabilities: np.ndarray, labels: np.ndarray, facts: Mapping[str, Any]) -> dict[str, float]:
    """Return how a calibrated model does: "accuracy" of all faces, "sure_share" of them, and "sure_accuracy" of those.

    Args:
        probabilities: (n, 7) as the network gives them.
        labels: (n,) true codes.
        facts: what `calibrate` returned.
    """
    confidence = scaled(probabilities, facts["temperature"]).max(axis=1)
    sure, right = confidence >= facts["unsure_below"], probabilities.argmax(axis=1) == labels
    return {
        "accuracy": float(right.mean()),
        "sure_share": float(sure.mean()),
        "sure_accuracy": float(right[sure].mean()) if sure.any() else 0.0,
    }
