"""The table of a model's probabilities, in the form that Git holds: the one source of every figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openfer.emotions import EMOTIONS
from openfer.errors import Refused

SINGLE = "single_view"
"""Column with the emotion that the face alone, without the other nine views, is given."""


@dataclass(frozen=True)
class Probabilities:
    """What a model says of the faces of an evaluation split.

    Attributes:
        averaged: (n, 7) float64, the mean over the ten views.
        single: (n,) codes of the most probable emotion of the face alone.
    """

    averaged: np.ndarray
    single: np.ndarray


def table(rows: np.ndarray, averaged: np.ndarray, single: np.ndarray) -> list[dict[str, str | int]]:
    """Return a row a face: its position in the data set, seven probabilities of four digits, the single view's emotion.

    Args:
        rows: (n,) positions of the faces.
        averaged: (n, 7).
        single: (n,) codes.
    """
    return [
        {"row": int(row)}
        | {emotion: f"{value:.4f}" for emotion, value in zip(EMOTIONS, values, strict=True)}
        | {SINGLE: EMOTIONS[code]}
        for row, values, code in zip(rows, averaged, single, strict=True)
    ]


def read(table: Sequence[Mapping[str, str]], rows: np.ndarray) -> Probabilities:
    """Return what a table says, a row a face; its values may be text.

    Args:
        table: from the file.
        rows: (n,) positions of the faces that it should be about.

    Raises:
        Refused: it is about others.
    """
    if not np.array_equal([int(row["row"]) for row in table], rows):
        raise Refused(f"probabilities are of {len(table):,} faces, not of the {len(rows):,} that this split evaluates")
    return Probabilities(
        np.array([[float(row[emotion]) for emotion in EMOTIONS] for row in table]),
        np.array([EMOTIONS.index(row[SINGLE]) for row in table]),
    )
