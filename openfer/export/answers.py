"""From a network's probabilities to those that a model answers with, in NumPy alone: prediction needs no SciPy."""

from collections.abc import Mapping
from typing import Any

import numpy as np

SMALLEST = 1e-7
"""Smaller probabilities are taken for this one, as in openfer/evaluation/calibration.py."""


def calibrated(
    probabilities: np.ndarray, temperature: float, prior: Mapping[str, Any], strength: float | None = None
) -> np.ndarray:
    """Return the probabilities (n, classes) that a model answers with.

    Their logarithms are divided by the temperature (`evaluation.calibration.scaled`), and each class is weighted
    by how frequent it is taken to be against how frequent it was in training (`evaluation.calibration.reweighted`).

    Args:
        probabilities: (n, classes) as the network gives them.
        temperature: of the model.
        prior: of the model, as `calibration.prior_of` returns it: the shares in the order of the classes.
        strength: 0 to 1, in place of that of the model.
    """
    strength = prior["strength"] if strength is None else strength
    answers = _shares(np.maximum(probabilities.astype(float), SMALLEST) ** (1 / temperature))
    if strength == 1:  # as the networks learned it
        return answers
    weights = np.array(list(prior["shares"].values())) ** (strength - 1)
    return _shares(np.maximum(answers, SMALLEST) * weights)


def _shares(values: np.ndarray) -> np.ndarray:
    return values / values.sum(axis=1, keepdims=True)
