"""What the crowd sees: FER+ (Barsoum et al. 2016, arXiv:1608.01041), the votes of ten people on each face of FER2013.

The file names no pixels: its rows stand in the order of fer2013.csv, and are checked against the splits. Which votes
count, and for which faces, follows the published protocol (microsoft/FERPlus).
"""

import csv
import itertools
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from openfer.data.table import IngestError
from openfer.emotions import CONTEMPT, EMOTIONS, SPLITS

VOTES = (*EMOTIONS, CONTEMPT, "unknown", "not a face")
"""What people could choose, in the order of our columns."""

COLUMNS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral", "contempt", "unknown", "NF")
"""The same as the file's header has it."""

CLASSES = {count: VOTES[:count] for count in (len(EMOTIONS), len(EMOTIONS) + 1)}
"""Names of the classes that a network tells apart, by their number."""

USAGE, NAME = "Usage", "Image name"

ALL = 10
"""People who saw each face."""

PICTURE = re.compile(r"fer\d{7}\.png")

FALLS = 10
"""Rows whose name may be before that of the row above: the published file has four."""

SOURCE = "https://github.com/microsoft/FERPlus"


@dataclass(frozen=True)
class Seen:
    """What people see in some of the faces.

    Attributes:
        rows: (n,) positions of these faces in the data set.
        shares: (n, k) float32, of people for each expression, which add up to 1.
        labels: (n,) uint8 codes of the expression that most people see.
    """

    rows: np.ndarray
    shares: np.ndarray
    labels: np.ndarray

    def among(self, rows: np.ndarray) -> "Seen":
        """Return what people see in those faces that are among some rows."""
        chosen = np.isin(self.rows, rows)
        return Seen(self.rows[chosen], self.shares[chosen], self.labels[chosen])


def read_votes(path: Path, split: np.ndarray) -> np.ndarray:
    """Read fer2013new.csv.

    Args:
        path: of the file.
        split: (n,) codes of the faces' splits, in the order of fer2013.csv.

    Returns:
        (n, 10) uint8 counts, in the order of `VOTES`.

    Raises:
        IngestError: the file is missing, damaged or about other faces; one line with file, line and value.
    """
    require_votes(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise IngestError(f"{path} is no CSV: {error}") from None
    missing = [name for name in (USAGE, NAME, *COLUMNS) if not rows or name not in rows[0]]
    if missing:
        raise IngestError(f"{path}, line 1: the header must name {', '.join(missing)}")
    if len(rows) != len(split):
        raise IngestError(f"{path} must have a row for each of the {len(split):,} faces. Received: {len(rows):,}")
    return np.array(_counts(rows, split, path), np.uint8)


def require_votes(path: Path) -> None:
    """Say in one line where the votes can be had when they are not there.

    Raises:
        IngestError: they are not.
    """
    if not path.is_file():
        raise IngestError(
            f"{path} is missing. Get fer2013new.csv from {SOURCE} and put it there, "
            "or set crowd.votes in crowd/params.yaml to its place; everything but crowd/ works without it"
        )


def majority(counts: np.ndarray, classes: int) -> Seen:
    """Return the faces in which most people see the same: what FER+ accuracy is counted on.

    Votes of one person alone are left out; of the rest, more than half must be for one expression, and that none of
    "unknown" and "not a face".

    Args:
        counts: (n, 10) as `read_votes` returns them.
        classes: 8, or 7 to leave contempt out.
    """
    kept = _without_single(counts)
    most = kept.argmax(axis=1)
    chosen = (2 * kept.max(axis=1) > kept.sum(axis=1)) & (most < classes)
    return _seen(kept, np.flatnonzero(chosen), classes)


def learnable(counts: np.ndarray, classes: int) -> Seen:
    """Return the faces in which more than half of the votes of more than one person are for expressions.

    More than those with a majority: people who disagree teach a network what is hard to tell.

    Args:
        counts: (n, 10) as `read_votes` returns them.
        classes: 8, or 7 to leave contempt out.
    """
    kept = _without_single(counts)
    chosen = 2 * kept[:, :classes].sum(axis=1) > kept.sum(axis=1)
    return _seen(kept, np.flatnonzero(chosen), classes)


def _counts(rows: list[dict[str, str]], split: np.ndarray, path: Path) -> list[list[int]]:
    """Check each row, and return the counts."""
    counts, names = [], []
    for line, (row, code) in enumerate(zip(rows, split, strict=True), start=2):
        where = f"{path}, line {line}"
        if row[USAGE] != SPLITS[code]:
            raise IngestError(f"{where}: {USAGE} must be {SPLITS[code]}, as in the data set. Received: {row[USAGE]!r}")
        if row[NAME]:  # what nobody takes for a face has none
            if not PICTURE.fullmatch(row[NAME]):
                raise IngestError(f"{where}: {NAME} must be like fer0000000.png or empty. Received: {row[NAME]!r}")
            names.append(row[NAME])
        votes = [row[column] for column in COLUMNS]
        if not all(vote is not None and vote.isascii() and vote.isdigit() and int(vote) <= ALL for vote in votes):
            raise IngestError(f"{where}: votes must be numbers from 0 to {ALL}. Received: {votes}")
        counts.append([int(vote) for vote in votes])
    _require_order(names, path)
    return counts


def _require_order(names: list[str], path: Path) -> None:
    """Names hold numbers that rise with the rows of fer2013.csv: sorted another way, votes would be for other faces."""
    falls = sum(name >= following for name, following in itertools.pairwise(names))
    if falls > FALLS:
        raise IngestError(
            f"{path}: {NAME} must rise along the rows, as in the order of fer2013.csv, but for {FALLS} rows at most. "
            f"Received: {falls:,} that fall"
        )


def _without_single(counts: np.ndarray) -> np.ndarray:
    return np.where(counts > 1, counts, 0).astype(int)


def _seen(kept: np.ndarray, rows: np.ndarray, classes: int) -> Seen:
    votes = kept[rows, :classes]
    shares = (votes / votes.sum(axis=1, keepdims=True)).astype(np.float32)
    return Seen(rows, shares, votes.argmax(axis=1).astype(np.uint8))
