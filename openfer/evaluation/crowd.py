"""What people see, held against each other and against answers: one person beside nine, seven of eight expressions."""

import numpy as np

from openfer.emotions import EMOTIONS
from openfer.evaluation.calibration import SMALLEST


def seven(probabilities: np.ndarray) -> np.ndarray:
    """Return the probabilities (n, 7) of FER2013's expressions, given that it is one of them: contempt is left out.

    Args:
        probabilities: (n, 7) or (n, 8).
    """
    kept = np.maximum(probabilities[:, : len(EMOTIONS)], SMALLEST)
    return kept / kept.sum(axis=1, keepdims=True)


def one_person(counts: np.ndarray) -> float:
    """Return how often one of ten people sees what most of the other nine see.

    Where the nine are divided evenly, a vote for one of m expressions counts 1 / m.

    Args:
        counts: (n, 10) votes of each face.
    """
    right = 0.0
    for choice in range(counts.shape[1]):
        others = counts.astype(int)
        others[:, choice] -= 1
        most = others.max(axis=1)
        agrees = others[:, choice] == most
        right += (counts[:, choice] * agrees / (others == most[:, np.newaxis]).sum(axis=1)).sum()
    return float(right / counts.sum())
