"""Figures and tables of every model and ensemble on one evaluation split."""

from dataclasses import dataclass

import numpy as np

from fer.emotions import EMOTIONS
from fer.scores import score


@dataclass(frozen=True)
class Evaluation:
    """One evaluation split.

    Attributes:
        rows: (n,) positions of its images in the data set.
        labels: (n,) true codes.
        predicted: (n,) predicted codes of each model and ensemble.
        fresh: (n,) True where no image of Training is byte-identical.
    """

    rows: np.ndarray
    labels: np.ndarray
    predicted: dict[str, np.ndarray]
    fresh: np.ndarray

    def scores(self) -> dict[str, dict]:
        """Score every model and ensemble, on all images and on those without a twin in Training."""
        return {
            name: score(self.labels, codes) | {"without_twins": _brief(self.labels[self.fresh], codes[self.fresh])}
            for name, codes in self.predicted.items()
        }

    def table(self) -> list[dict]:
        """Return a row an image with the names of the true and of every predicted emotion."""
        names = np.array(EMOTIONS)
        columns = {"row": self.rows, "actual": names[self.labels]}
        columns |= {name: names[codes] for name, codes in self.predicted.items()}
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _brief(labels: np.ndarray, predicted: np.ndarray) -> dict | None:
    """Score without the classes; None where no image is left."""
    if not len(labels):
        return None
    return {key: value for key, value in score(labels, predicted).items() if key != "classes"}
