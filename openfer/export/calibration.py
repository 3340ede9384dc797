"""Temperature and threshold of an exported model, fitted on faces that it has not learned from."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from openfer.emotions import PUBLIC_TEST
from openfer.evaluation.calibration import scaled, sure_from, temperature
from openfer.evaluation.protocol import without_duplicate


def fitting_rows(images: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Return the positions of the faces that models are calibrated on: PublicTest, without a duplicate in Training.

    Args:
        images: (n, 48, 48) of all faces.
        split: (n,) codes of splits.

    Raises:
        ProtocolError: there are none.
    """
    return without_duplicate(images, split, PUBLIC_TEST)


def calibrate(probabilities: np.ndarray, labels: np.ndarray, sure_accuracy: float) -> dict[str, float]:
    """Fit temperature and threshold.

    Args:
        probabilities: (n, 7) as the network gives them, of `fitting_rows`.
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
        probabilities: (n, 7) as the network gives them; at least one face.
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
