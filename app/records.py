"""What the program says of faces, as JSON and as rows of a table."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fer.artifacts import replacing
from fer.emotions import EMOTIONS, GROUPS
from fer.predictor import Expression

OUT = Path("expressions")
"""Where results go unless the user says otherwise."""

COLUMNS = ("left", "top", "width", "height", "confidence", "emotion", "unsure", *EMOTIONS)
"""Columns of a face in a table."""


def record(expression: Expression, surprise: str | None = None) -> dict[str, Any]:
    """Return a face for JSON: box in pixels, confidence, eyes where known, emotion and probabilities.

    Args:
        expression: what the face shows.
        surprise: the group that surprise belongs to ("positive", "neutral", "negative"); None leaves groups out.
    """
    face, eyes = expression.face, expression.face.eyes
    found = {
        "box": [round(float(value), 1) for value in face.box],
        "confidence": round(face.confidence, 3),
        "eyes": None if eyes is None else np.round(eyes, 1).tolist(),
        "emotion": expression.emotion,
        "unsure": expression.unsure,
        "probabilities": _rounded(dict(zip(EMOTIONS, expression.probabilities, strict=True))),
    }
    if surprise:
        shares = grouped(expression.probabilities, surprise)
        found |= {"group": max(shares, key=shares.get), "groups": _rounded(shares)}
    return found


def save_lines(path: Path, found: Iterable[Mapping[str, Any]]) -> None:
    """Write JSON Lines, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text("".join(json.dumps(line) + "\n" for line in found), encoding="utf-8")


def row(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a `record` as a row of a table, its values in columns."""
    flat = dict(zip(("left", "top", "width", "height"), found["box"], strict=True))
    flat |= {key: found[key] for key in ("confidence", "emotion", "unsure")} | found["probabilities"]
    if "group" in found:
        flat |= {"group": found["group"]} | {f"group {name}": share for name, share in found["groups"].items()}
    return flat


def grouped(probabilities: Sequence[float], surprise: str) -> dict[str, float]:
    """Return the probability of each group.

    Args:
        probabilities: (7,) in the order of `EMOTIONS`.
        surprise: the group that surprise belongs to.
    """
    by_name = dict(zip(EMOTIONS, map(float, probabilities), strict=True))
    return {
        group: sum(by_name[name] for name in names) + (by_name["surprise"] if group == surprise else 0)
        for group, names in GROUPS.items()
    }


def _rounded(shares: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(share), 4) for name, share in shares.items()}
