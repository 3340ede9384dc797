"""The split of the rows: the official one or a random one as in published repositories; no part may be empty."""

import math

import numpy as np

from openfer.data.table import IngestError, Table
from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING

HELD_OUT = 0.2


def split_codes(table: Table, kind: str, seed: int, source: str) -> np.ndarray:
    """Return the split codes (n,) uint8 of a table.

    Args:
        table: n rows of a source.
        kind: "official", as the source names them, or "random", drawn from all rows.
        seed: of the random split.
        source: path of the source, named in errors.

    Raises:
        IngestError: the source names no splits, or one of the three has no row.
    """
    if kind == "official" and table.split is None:
        raise IngestError(
            f"{source} has no column Usage, as Kaggle's train.csv, so it names no splits. Set data.source to "
            "fer2013.csv or icml_face_data.csv, which do, or data.split: random to draw them"
        )
    split = table.split if kind == "official" else random_split(table.labels.size, seed)
    _require_every_split(split, source)
    return split


def random_split(count: int, seed: int) -> np.ndarray:
    """Draw split codes (count,) uint8: 20 % PrivateTest, 20 % of the rest PublicTest, the others Training.

    Parts are rounded up, as in chiehhsi/Expression_Recognition (7,178, 5,742 and 22,967 of 35,887 rows). Identical
    images fall on both sides, so an accuracy on this split is too high.
    """
    order = np.random.default_rng(seed).permutation(count)
    private = math.ceil(HELD_OUT * count)
    public = math.ceil(HELD_OUT * (count - private))
    split = np.full(count, TRAINING, np.uint8)
    split[order[:private]] = PRIVATE_TEST
    split[order[private : private + public]] = PUBLIC_TEST
    return split


def _require_every_split(split: np.ndarray, source: str) -> None:
    for code, name in enumerate(SPLITS):
        if not (split == code).any():
            raise IngestError(
                f"{source}: no row is left for {name} ({split.size} rows in all); "
                "every split needs some, or set data.split: random to draw them"
            )
