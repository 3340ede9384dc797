"""What every reader of a source returns, and the one exception they raise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from openfer.emotions import EMOTIONS
from openfer.errors import Refused

OFFICIAL_PAGE = "https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge"


class IngestError(Refused):
    """The source is missing, damaged or holds a bad row; the message is one line and names the place."""


class BadRow(NamedTuple):
    """A row that was left out: where it stands ("line 7" or a file name) and what is wrong with it."""

    where: str
    reason: str


@dataclass(frozen=True)
class Table:
    """The rows of a source in their order.

    images (n, 48, 48) uint8, gray; labels (n,) uint8, places in `names`; split (n,) uint8, codes of emotions.SPLITS, or
    None where the source names no splits (Kaggle's train.csv); skipped: the bad rows, in order; passed_over: the names
    of files in a folder that are hidden or no pictures, in order; names: what the labels mean; left_out: by name, how
    many faces show an expression that no class holds.
    """

    images: np.ndarray
    labels: np.ndarray
    split: np.ndarray | None
    skipped: list[BadRow]
    passed_over: list[str] = field(default_factory=list)
    names: tuple[str, ...] = EMOTIONS
    left_out: Mapping[str, int] = field(default_factory=dict)


def missing_message(source: str) -> str:
    """Say in one line where a source that is not there can be had, where to put it, and what works without it."""
    return (
        f"{source} is missing. Get fer2013.csv or icml_face_data.csv from {OFFICIAL_PAGE}, "
        "put it at data/fer2013.csv or set data.source in params.yaml to its place; `make demo` works without it."
    )


def refuse(source: str, bad: BadRow) -> IngestError:
    """Return the error for a bad row, with the way out."""
    hint = "Repair it, or set data.on_bad_row: skip to leave such rows out."
    return IngestError(f"{source}, {bad.where}: {bad.reason}. {hint}")
