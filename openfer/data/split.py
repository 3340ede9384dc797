"""The random split of published repositories, and the check that no split is empty."""

import math

import numpy as np

from openfer.data.table import IngestError
from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING

HELD_OUT = 0.2


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


def require_every_split(split: np.ndarray) -> None:
    """Check split codes (n,).

    Raises:
        IngestError: one of the three splits has no row.
    """
    for code, name in enumerate(SPLITS):
        if not (split == code).any():
            raise IngestError(
                f"no row is left for {name} ({split.size} rows in all); "
                "every split needs some, or set data.split: random to draw them"
            )
