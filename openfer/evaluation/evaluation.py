"""Figures and tables of every model and ensemble on one evaluation split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from openfer.emotions import EMOTIONS
from openfer.evaluation.calibration import calibration_error, scaled, temperature
from openfer.evaluation.comparison import disagreement, holm, mcnemar
from openfer.evaluation.ensemble import ENSEMBLES, members
from openfer.evaluation.scores import score


@dataclass(frozen=True)
class Evaluation:
    """One evaluation split.

    Attributes:
        rows: (n,) positions of its images in the data set.
        labels: (n,) true codes.
        probabilities: (n, classes) of each model and ensemble.
        single: (n,) codes that each model predicts from the face alone, without the other views.
        without_duplicate: (n,) True where Training holds no byte-identical image.
        emotions: names of the classes, in the order of their codes.
    """

    rows: np.ndarray
    labels: np.ndarray
    probabilities: Mapping[str, np.ndarray]
    single: Mapping[str, np.ndarray]
    without_duplicate: np.ndarray
    emotions: Sequence[str] = EMOTIONS

    @cached_property
    def predicted(self) -> dict[str, np.ndarray]:
        """The most probable codes (n,) of each model and ensemble."""
        return {name: values.argmax(axis=1) for name, values in self.probabilities.items()}

    def temperatures(self) -> dict[str, float]:
        """Fit the temperature of every model and ensemble, on the images that have no duplicate in Training."""
        return {
            name: temperature(values[self.without_duplicate], self.labels[self.without_duplicate])
            for name, values in self.probabilities.items()
        }

    def scores(self, temperatures: Mapping[str, float]) -> dict[str, dict[str, Any]]:
        """Score every model and ensemble, on all images and on those without a duplicate in Training.

        Args:
            temperatures: of each system, fitted on PublicTest.
        """
        return {
            name: score(self.labels, codes, self.emotions)
            | {"without_duplicates": _brief(self.labels[self.without_duplicate], codes[self.without_duplicate])}
            | _calibration(self.probabilities[name], self.labels, temperatures[name])
            | self._single_view(name)
            for name, codes in self.predicted.items()
        }

    def _single_view(self, name: str) -> dict[str, float]:
        """Return the accuracy of a model from one view of each face; nothing for an ensemble."""
        if name not in self.single:
            return {}
        return {"single_view_accuracy": float((self.single[name] == self.labels).mean())}

    def against_best_member(self, best: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """Test each ensemble against its best member by McNemar's test.

        Args:
            best: the member of each ensemble that PublicTest found best.

        Returns:
            "best_member", what `comparison.mcnemar` returns, and "p_holm": "p" corrected for the number of ensembles.
        """
        tests = {
            ensemble: mcnemar(self.labels, self.predicted[ensemble], self.predicted[member])
            for ensemble, member in best.items()
        }
        corrected = holm([test["p"] for test in tests.values()])
        return {
            ensemble: {"best_member": best[ensemble], **test, "p_holm": p}
            for (ensemble, test), p in zip(tests.items(), corrected, strict=True)
        }

    def disagreements(self, systems: tuple[str, ...]) -> dict[str, dict[str, float]]:
        """Return the share of images that two systems label differently, for each pair."""
        return disagreement({name: self.predicted[name] for name in systems})

    def table(self) -> list[dict]:
        """Return one row per image with the names of the true and of every predicted emotion."""
        names = np.array(self.emotions)
        columns = {"row": self.rows, "actual": names[self.labels]}
        columns |= {name: names[codes] for name, codes in self.predicted.items()}
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def best_members(scores: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return of each ensemble whose members are scored the one with the highest accuracy; the first of equals.

    Args:
        scores: of models, as `Evaluation.scores` returns them.
    """
    return {
        name: max(members(name), key=lambda model: scores[model]["accuracy"])
        for name in ENSEMBLES
        if scores.keys() >= set(members(name))
    }


def _brief(labels: np.ndarray, predicted: np.ndarray) -> dict | None:
    """Score without the classes; None where no image is left."""
    if not len(labels):
        return None
    return {key: value for key, value in score(labels, predicted).items() if key != "classes"}


def _calibration(probabilities: np.ndarray, labels: np.ndarray, temperature: float) -> dict[str, float]:
    return {
        "calibration_error": calibration_error(probabilities, labels),
        "temperature": temperature,
        "calibration_error_after_scaling": calibration_error(scaled(probabilities, temperature), labels),
    }
