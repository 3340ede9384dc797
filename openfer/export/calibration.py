"""Temperature and threshold of an exported model, fitted on faces that it has not learned from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from openfer.emotions import EMOTIONS, PUBLIC_TEST
from openfer.evaluation.calibration import sure_from, temperature
from openfer.evaluation.protocol import without_duplicate
from openfer.export.answers import calibrated


def fitting_rows(images: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Return the positions of the faces that models are calibrated on: PublicTest, without a duplicate in Training.

    Args:
        images: (n, 48, 48) of all faces.
        split: (n,) codes of splits.

    Raises:
        ProtocolError: there are none.
    """
    return without_duplicate(images, split, PUBLIC_TEST)


STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the prior, among which one is chosen."""


def prior_of(shares: np.ndarray, strength: float = 1.0, emotions: Sequence[str] = EMOTIONS) -> dict[str, Any]:
    """Return how frequent a model takes the emotions to be.

    Args:
        shares: (classes,) of the faces that its networks learned from.
        strength: 1 where emotions are as frequent as among these, 0 where all are equally frequent.
        emotions: names of the classes.
    """
    return {"strength": strength, "shares": dict(zip(emotions, map(float, shares), strict=True))}


def choose_strength(
    probabilities: np.ndarray, seen: np.ndarray, temperature: float, prior: Mapping[str, Any]
) -> tuple[float, dict[str, float]]:
    """Return the strength of the prior under which answers are nearest to what people see, and what was tried.

    Args:
        probabilities: (n, classes) as the network gives them.
        seen: (n, classes) shares of people.
        temperature: of the model.
        prior: as `prior_of` returns it.

    Returns:
        The strength with the least cross-entropy, and the cross-entropy in nats by strength.
    """
    tried = {
        strength: float(-(seen * np.log(calibrated(probabilities, temperature, prior, strength))).sum(axis=1).mean())
        for strength in STRENGTHS
    }
    return min(tried, key=tried.__getitem__), {str(strength): entropy for strength, entropy in tried.items()}


def calibrate(
    probabilities: np.ndarray, labels: np.ndarray, sure_accuracy: float, prior: Mapping[str, Any]
) -> dict[str, float]:
    """Fit temperature and threshold.

    Args:
        probabilities: (n, classes) as the network gives them, of `fitting_rows`.
        labels: (n,) true codes.
        sure_accuracy: share of the faces at or above the threshold that must be right.
        prior: of the model, as `prior_of` returns it.

    Returns:
        "temperature", and "unsure_below", the confidence under which a face is called unsure.
    """
    fitted = temperature(probabilities, labels)
    return {
        "temperature": fitted,
        "unsure_below": sure_from(calibrated(probabilities, fitted, prior), labels, sure_accuracy),
    }


def at_threshold(probabilities: np.ndarray, labels: np.ndarray, facts: Mapping[str, Any]) -> dict[str, float]:
    """Return how a calibrated model does: "accuracy" of all faces, "sure_share" of them, and "sure_accuracy" of those.

    Args:
        probabilities: (n, classes) as the network gives them; at least one face.
        labels: (n,) true codes.
        facts: what `calibrate` returned, and "prior".
    """
    answers = calibrated(probabilities, facts["temperature"], facts["prior"])
    sure, right = answers.max(axis=1) >= facts["unsure_below"], answers.argmax(axis=1) == labels
    return {
        "accuracy": float(right.mean()),
        "sure_share": float(sure.mean()),
        "sure_accuracy": float(right[sure].mean()) if sure.any() else 0.0,
    }
