"""Is one system better than another, and how different are they? Both saw the same faces, so the tests are paired."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import binomtest


def mcnemar(labels: np.ndarray, one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """Compare two systems by McNemar's exact test (McNemar 1947, doi:10.1007/BF02295996).

    Args:
        labels: (n,) true codes.
        one: (n,) codes predicted by the first system.
        other: (n,) codes predicted by the second.

    Returns:
        "only_one" and "only_other": faces that only that system gets right; "p": two-sided probability of a
        difference at least this large between equally good systems.
    """
    only_one = int(((one == labels) & (other != labels)).sum())
    only_other = int(((one != labels) & (other == labels)).sum())
    differing = only_one + only_other
    p = binomtest(only_one, differing).pvalue if differing else 1.0
    return {"only_one": only_one, "only_other": only_other, "p": float(p)}


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values of several tests for their number, each in its place.

    Formula: Holm 1979, Scandinavian Journal of Statistics 6 (2), 65–70. The smallest of m values is multiplied by m,
    the next by m - 1, and so on; none comes out below that of a smaller value, or above 1.
    """
    order = np.argsort(p_values, kind="stable")
    raised = np.sort(p_values) * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1)
    return corrected.tolist()


def disagreement(predicted: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Return for every pair of systems the share of faces that they label differently."""
    return {
        one: {other: float((codes != predicted[other]).mean()) for other in predicted}
        for one, codes in predicted.items()
    }
