"""What the source held: counts, duplicates, constant images, bad rows, as one JSON object."""

from typing import Any

import numpy as np

from openfer.data.duplicates import first_duplicates, is_duplicate
from openfer.data.near_duplicates import CORRELATION, is_near_duplicate
from openfer.data.table import Table
from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING

LISTED = 20  # bad rows, and files passed over, written out


def describe(table: Table, split: np.ndarray) -> dict[str, Any]:
    """Describe the rows under split codes (n,), which may be others than the source's."""
    constant = is_constant(table.images)
    # Identical constant images (black, in FER2013) say nothing about leaks; they are counted on their own.
    images, labels, codes = table.images[~constant], table.labels[~constant], split[~constant]
    return {
        "rows_read": int(table.labels.size) + sum(table.left_out.values()),
        "rows_skipped": len(table.skipped),
        "skipped": [bad._asdict() for bad in table.skipped[:LISTED]],
        "files_passed_over": len(table.passed_over),
        "passed_over": table.passed_over[:LISTED],
        **({"rows_left_out": dict(table.left_out)} if table.left_out else {}),
        "counts": _counts(table, split),
        "totals": {name: int((split == code).sum()) for code, name in enumerate(SPLITS)},
        "constant_images": int(constant.sum()),
        "duplicates_without_constant_images": _duplicates(images, labels)
        | {"surplus_copies_within": _copies_within(images, codes)}
        | _leaks(images, codes),
        "near_duplicates_without_constant_images": _near_leaks(images, codes),
    }


def is_constant(images: np.ndarray) -> np.ndarray:
    """Tell which images (n, h, w) hold one single gray value: (n,) bool."""
    return (images == images[:, :1, :1]).all(axis=(1, 2))


def _counts(table: Table, split: np.ndarray) -> dict[str, dict[str, int]]:
    named = list(enumerate(table.names))
    return {
        name: {emotion: int(((split == code) & (table.labels == place)).sum()) for place, emotion in named}
        for code, name in enumerate(SPLITS)
    }


def _duplicates(images: np.ndarray, labels: np.ndarray) -> dict[str, int]:
    """Count groups of identical images, the copies beyond the first, and the groups with more than one label."""
    first = first_duplicates(images)
    sizes = np.bincount(first)
    differing = np.unique(first[labels != labels[first]])
    return {
        "groups": int((sizes > 1).sum()),
        "surplus_copies": int(first.size - np.count_nonzero(sizes)),
        "groups_with_differing_labels": int(differing.size),
    }


def _copies_within(images: np.ndarray, split: np.ndarray) -> dict[str, int]:
    """Count for each split its images beyond the first of identical ones."""
    own = {name: images[split == code] for code, name in enumerate(SPLITS)}
    return {name: len(part) - len(np.unique(first_duplicates(part))) for name, part in own.items()}


def _leaks(images: np.ndarray, split: np.ndarray) -> dict[str, int]:
    """Count the images of a split that have an identical duplicate in another."""
    pairs = (PUBLIC_TEST, TRAINING), (PRIVATE_TEST, TRAINING), (PRIVATE_TEST, PUBLIC_TEST)
    return {
        f"{SPLITS[tested]}_with_duplicate_in_{SPLITS[other]}": int(
            is_duplicate(images[split == tested], images[split == other]).sum()
        )
        for tested, other in pairs
    }


def _near_leaks(images: np.ndarray, split: np.ndarray) -> dict[str, float]:
    """Count the images of the evaluation splits that have a near-duplicate, but no identical one, in Training."""
    training = images[split == TRAINING]
    return {"correlation_above": CORRELATION} | {
        f"{SPLITS[code]}_with_near_duplicate_in_{SPLITS[TRAINING]}": int(
            is_near_duplicate(images[split == code], training).sum()
        )
        for code in (PUBLIC_TEST, PRIVATE_TEST)
    }
