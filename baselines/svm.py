"""Support vector machines as arrays: fitted by scikit-learn, kept without pickle, computed with NumPy."""

import itertools
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC
from tqdm import tqdm

from baselines.settings import Svm
from openfer import files
from openfer.emotions import EMOTIONS
from openfer.errors import WAY_BACK

ROWS = 512
"""Faces whose kernel is computed together."""


@dataclass(frozen=True)
class Machine:
    """A fitted machine with a Gaussian kernel: one decision for each pair of classes.

    Attributes:
        mean: (d,) that is taken from the features.
        deviation: (d,) by which they are divided.
        gamma: (1,) of the kernel exp(−gamma · distance²).
        vectors: (s, d) float32, the support vectors, class by class.
        counts: (c,) of the support vectors of each class.
        weights: (c − 1, s), as in scikit-learn's `dual_coef_`.
        offsets: (c (c − 1) / 2,) of the pairs of classes.
        classes: (c,) codes, those that Training has.
        emotions: (k,) names of all codes.
        steps: (c (c − 1) / 2,) of the solver.
    """

    mean: np.ndarray
    deviation: np.ndarray
    gamma: np.ndarray
    vectors: np.ndarray
    counts: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray
    classes: np.ndarray
    emotions: np.ndarray
    steps: np.ndarray

    def decisions(self, features: np.ndarray) -> np.ndarray:
        """Return the decision for each class (n, c): votes of the pairs, and by less than one their confidence.

        Args:
            features: (n, d) float32.
        """
        scaled = ((features - self.mean) / self.deviation).astype(float)
        vectors = self.vectors.astype(float)
        starts = range(0, len(scaled), ROWS)
        pairs = np.concatenate([self._pairs(scaled[start : start + ROWS], vectors) for start in starts])
        votes, sums = np.zeros((2, len(features), len(self.classes)))
        for column, (first, second) in zip(pairs.T, self._combinations(), strict=True):
            votes[:, first] += column >= 0
            votes[:, second] += column < 0
            sums[:, first] += column
            sums[:, second] -= column
        return votes + sums / (3 * (np.abs(sums) + 1))  # as scikit-learn does, so that no vote is outweighed

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Return (n, k) that add up to 1: softmax of the decisions. Only their order means anything."""
        decided = self.decisions(features)
        powers = np.exp(decided - decided.max(axis=1, keepdims=True))
        found = np.zeros((len(features), len(self.emotions)))
        found[:, self.classes] = powers / powers.sum(axis=1, keepdims=True)
        return found

    def _pairs(self, scaled: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Return the decisions (n, pairs): above 0 for the first class of a pair."""
        squares = (scaled**2).sum(axis=1)[:, None] + (vectors**2).sum(axis=1) - 2 * scaled @ vectors.T
        kernel = np.exp(-self.gamma * np.maximum(squares, 0))
        ends = np.cumsum(self.counts)
        own = [slice(end - count, end) for end, count in zip(ends, self.counts, strict=True)]
        columns = [
            kernel[:, own[first]] @ self.weights[second - 1, own[first]]
            + kernel[:, own[second]] @ self.weights[first, own[second]]
            for first, second in self._combinations()
        ]
        return np.stack(columns, axis=1) + self.offsets

    def _combinations(self) -> list[tuple[int, int]]:
        """Return the pairs of classes by their places, in scikit-learn's order."""
        return list(itertools.combinations(range(len(self.classes)), 2))


def fit(
    features: np.ndarray, labels: np.ndarray, how: Svm, scaled: bool, emotions: Sequence[str] = EMOTIONS
) -> Machine:
    """Fit a machine, with 1 / d for gamma as published: one classifier for each pair of classes, as in `SVC`.

    The kernel of a pair is computed as a whole, by products of matrices: LIBSVM computes it row by row, in half
    an hour and more for all pairs, this in a minute. It has 8 bytes for each two faces, 1.2 GB at most of FER2013.

    Args:
        features: (n, d) float32, of Training.
        labels: (n,) codes.
        how: to fit it.
        scaled: whether the features are brought to mean 0 and deviation 1.
        emotions: what the labels are codes of.
    """
    mean, deviation = np.zeros(features.shape[1]), np.ones(features.shape[1])
    if scaled:
        mean, deviation = features.mean(axis=0, dtype=float), features.std(axis=0, dtype=float)
        deviation = np.where(deviation > 0, deviation, 1)  # a value that never varies
    # The support vectors are kept in float32: let them be what the machine is fitted to.
    mean, deviation = mean.astype(np.float32), deviation.astype(np.float32)
    seen, gamma, classes = (features - mean) / deviation, 1 / features.shape[1], np.unique(labels)
    weights, offsets, steps = np.zeros((len(classes) - 1, len(labels))), [], []
    for first, second in tqdm(list(itertools.combinations(range(len(classes)), 2)), desc="Fitting", unit="pair"):
        rows = np.flatnonzero(np.isin(labels, classes[[first, second]]))
        machine = SVC(C=how.penalty, kernel="precomputed", max_iter=how.iterations)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the steps are kept, and told
            machine.fit(rbf_kernel(seen[rows].astype(float), gamma=gamma), labels[rows])
        for own, other in ((first, second), (second, first)):
            mine = labels[rows[machine.support_]] == classes[own]
            place = other - 1 if other > own else other  # among the other classes
            # Of two classes, scikit-learn's decision is for the second; here it is for the first.
            weights[place, rows[machine.support_[mine]]] = -machine.dual_coef_[0, mine]
        offsets.append(-machine.intercept_[0])
        steps.append(machine.n_iter_[0])
    kept = np.flatnonzero(weights.any(axis=0))
    kept = kept[np.argsort(labels[kept], kind="stable")]  # class by class
    return Machine(
        mean=mean,
        deviation=deviation,
        gamma=np.array([gamma]),
        vectors=seen[kept],
        counts=np.array([(labels[kept] == one).sum() for one in classes]),
        weights=weights[:, kept],
        offsets=np.array(offsets),
        classes=classes,
        emotions=np.array(emotions),
        steps=np.array(steps),
    )


def save(path: Path, machine: Machine) -> None:
    """Write a machine as .npz, whole or not at all."""
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **asdict(machine))


def load(path: Path) -> Machine:
    """Read a machine.

    Raises:
        FileError: the file is missing or damaged.
    """
    if not path.is_file():
        raise files.FileError(f"{path} is missing; {WAY_BACK}")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return Machine(**archive)
    except Exception as error:  # NumPy and zipfile raise all kinds
        raise files.FileError(f"{path} is damaged ({' '.join(str(error).split())}); {WAY_BACK}") from error
