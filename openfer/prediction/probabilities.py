"""The table of a model's probabilities, in the form that Git holds: the one source of every figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openfer.emotions import EMOTIONS
from openfer.errors import WAY_BACK, Refused

SINGLE = "single_view"
"""Column with the emotion that the face alone, without the other nine crops, is given."""


def columns(names: Sequence[str] = EMOTIONS) -> tuple[str, ...]:
    """Return the columns of the table of a model that tells some classes apart."""
    return ("row", *names, SINGLE)


@dataclass(frozen=True)
class Probabilities:
    """What a model predicts for the faces of an evaluation split.

    Attributes:
        averaged: (n, classes) float64, the mean over the ten crops.
        single: (n,) codes of the most probable emotion of the face alone.
    """

    averaged: np.ndarray
    single: np.ndarray


def table(
    rows: np.ndarray, averaged: np.ndarray, single: np.ndarray, names: Sequence[str] = EMOTIONS
) -> list[dict[str, str | int]]:
    """Return one row per face: its position in the data set, probabilities of four digits, an expression.

    Args:
        rows: (n,) positions of the faces.
        averaged: (n, classes).
        single: (n,) codes.
        names: of the classes.
    """
    return [
        {"row": int(row)}
        | {emotion: f"{value:.4f}" for emotion, value in zip(names, values, strict=True)}
        | {SINGLE: names[code]}
        for row, values, code in zip(rows, averaged, single, strict=True)
    ]


def read(
    table: Sequence[Mapping[str, str]], rows: np.ndarray, name: str, names: Sequence[str] = EMOTIONS
) -> Probabilities:
    """Return what a table holds; its values may be text.

    Args:
        table: from the file, one row per face.
        rows: (n,) positions of the faces that it should be about.
        name: of the file, for the error.
        names: of the classes.

    Raises:
        Refused: it is about others, or a value is no probability or emotion.
    """
    try:
        return _read(table, rows, name, names)
    except (KeyError, ValueError) as error:
        raise error if isinstance(error, Refused) else Refused(f"{name} is damaged ({error}); {WAY_BACK}") from error


def _read(table: Sequence[Mapping[str, str]], rows: np.ndarray, name: str, names: Sequence[str]) -> Probabilities:
    if not np.array_equal([int(row["row"]) for row in table], rows):
        raise Refused(
            f"{name} must be about the {len(rows):,} faces of the split. Received: {len(table):,} others; {WAY_BACK}"
        )
    averaged = np.array([[float(row[emotion]) for emotion in names] for row in table])
    if not ((averaged >= 0) & (averaged <= 1)).all():
        raise Refused(f"{name} must hold probabilities from 0 to 1; {WAY_BACK}")
    return Probabilities(averaged, np.array([names.index(row[SINGLE]) for row in table]))
