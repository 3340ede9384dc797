"""What is told of faces that a feature cannot describe: they are counted and named, and no row is left out."""

from typing import Any

import numpy as np

from openfer.emotions import SPLITS


def undescribed(rows: np.ndarray, split: np.ndarray, instead: str) -> dict[str, Any]:
    """Report the faces of which a feature sees nothing.

    Args:
        rows: (k,) their rows in images.npy, ascending.
        split: (n,) codes of `emotions.SPLITS`.
        instead: what stands in their rows.

    Returns:
        a mapping that JSON can hold: the number of faces, how many of each split, what stands there, and the rows.
    """
    counts = {name: int((split[rows] == code).sum()) for code, name in enumerate(SPLITS)}
    return {"faces": len(split), "undescribed": counts, "instead": instead, "rows": rows.tolist()}
