"""A face and its picture as JSON and as the columns of a table, the same wherever they are written."""

from collections.abc import Mapping, Sequence
from typing import Any

from openfer.emotions import EMOTIONS
from openfer.faces.predictor import Expression

PLACE = ("left", "top", "width", "height")
"""Columns of the box of a face."""


def columns(emotions: Sequence[str] = EMOTIONS) -> tuple[str, ...]:
    """Return the columns of a face in a table.

    Args:
        emotions: names of what the model tells apart.
    """
    return (*PLACE, "confidence", "emotion", "unsure", *emotions)


def record(expression: Expression) -> dict[str, Any]:
    """Return a face for JSON: box in pixels, confidence, eyes where known, emotion and probabilities, rounded."""
    face, eyes = expression.face, expression.face.eyes
    return {
        "box": [round(float(value), 1) for value in face.box],
        "confidence": round(float(face.confidence), 3),
        "eyes": None if eyes is None else [[round(float(value), 1) for value in eye] for eye in eyes],
        "emotion": expression.emotion,
        "unsure": expression.unsure,
        "probabilities": rounded(expression.shares),
    }


def row(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a `record` as a row of `columns`."""
    place = dict(zip(PLACE, found["box"], strict=True))
    return place | {key: found[key] for key in ("confidence", "emotion", "unsure")} | found["probabilities"]


def rounded(shares: Mapping[str, float]) -> dict[str, float]:
    """Return probabilities as they are written."""
    return {name: round(float(share), 4) for name, share in shares.items()}


def file_cell(file: str) -> str:
    """Return a path for a table: what begins as a formula of a spreadsheet becomes the same path, which is none."""
    return f"./{file}" if file.startswith(("=", "+", "-", "@", "\t", "\r")) else file


def error_cell(file: str, error: str) -> str | None:
    """Return why a file could not be read, for a table that names the file already; None where it could."""
    return error.removeprefix(f"{file}: ") or None
