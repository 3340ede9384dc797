"""Faces drawn into their picture: box, emotion, and the percentages of all seven."""

from collections.abc import Sequence

import cv2
import numpy as np

from openfer.drawing.palette import COLOURS
from openfer.emotions import EMOTIONS
from openfer.faces.alignment import Box, common
from openfer.faces.predictor import Expression

FONT = cv2.FONT_HERSHEY_SIMPLEX


def annotated(picture: np.ndarray, expressions: Sequence[Expression], names: Sequence[str] = ()) -> np.ndarray:
    """Return a copy of a picture with its faces marked.

    The percentages of a face stand beside it where they cover no other face and no other percentages.

    Args:
        picture: (height, width, 3) uint8 RGB.
        expressions: its faces.
        names: what stands before each emotion, such as the number of a person.
    """
    drawn = picture.copy()
    # Letters and lines that can be read on a photograph of any size.
    unit = max(1.0, min(picture.shape[:2]) / 480)
    taken = [expression.face.box for expression in expressions]
    for expression in expressions:
        panel = _panel(expression.face.box, taken, picture.shape, unit)
        if panel:
            taken.append(panel)
            _bars(drawn, expression, panel, unit)
    for number, expression in enumerate(expressions):
        _mark(drawn, expression, names[number] if names else "", unit)
    return drawn


def label(expression: Expression) -> str:
    """Return what is written at a face: "happy 93 %", with a question mark where it is unsure."""
    return f"{expression.emotion}{'?' if expression.unsure else ''} {expression.probabilities.max():.0%}"


def _mark(drawn: np.ndarray, expression: Expression, name: str, unit: float) -> None:
    """Draw the box of a face and its emotion on a plate above it (below, where there is no room)."""
    left, top, width, height = (round(value) for value in expression.face.box)
    colour, thick, size = COLOURS[expression.emotion], max(2, round(2 * unit)), 0.6 * unit
    cv2.rectangle(drawn, (left, top), (left + width, top + height), colour, thick)
    text = f"{name} {label(expression)}".strip()
    (wide, tall), below = cv2.getTextSize(text, FONT, size, max(1, round(unit)))
    tall += 2 * below
    x = int(np.clip(left - thick // 2, 0, max(0, drawn.shape[1] - wide)))
    y = top if top >= tall else min(drawn.shape[0], top + height + tall)
    cv2.rectangle(drawn, (x, y - tall), (x + wide, y), colour, -1)
    cv2.putText(drawn, text, (x, y - below), FONT, size, (0, 0, 0), max(1, round(1.4 * unit)), cv2.LINE_AA)


def _panel(box: Box, taken: Sequence[Box], shape: tuple[int, ...], unit: float) -> tuple[int, int, int, int] | None:
    """Return left, top, width and height of the percentages of a face; None where there is no room.

    Args:
        box: of the face.
        taken: boxes of all faces, and the percentages that have a place already.
        shape: of the picture.
        unit: pixels of a thin line.
    """
    (height, width), (left, top, wide, _) = shape[:2], map(round, box)
    space, tall = round(165 * unit), round(14 * unit) * len(EMOTIONS)
    gap, y = round(6 * unit), int(np.clip(top, 0, max(0, height - tall)))
    for x in (left + wide + gap, left - gap - space):
        panel = (x, y, space, tall)
        if 0 <= x <= width - space and tall <= height and all(common(panel, other) == 0 for other in taken):
            return panel
    # A face alone that fills its picture is covered in part, and never half of the picture.
    if len(taken) == 1 and 2 * space <= width and tall <= height:
        return (width - space, y, space, tall)
    return None


def _bars(drawn: np.ndarray, expression: Expression, panel: tuple[int, int, int, int], unit: float) -> None:
    """Draw the seven percentages."""
    x, y, space, tall = panel
    line, long = tall // len(EMOTIONS), round(70 * unit)
    part = drawn[y : y + tall, x : x + space]
    part[:] = (part * 0.4).astype(np.uint8)
    for number, (emotion, share) in enumerate(zip(EMOTIONS, expression.probabilities, strict=True)):
        bottom = y + (number + 1) * line
        start = x + round(90 * unit)
        end = start + round(long * float(share))
        cv2.rectangle(drawn, (start, bottom - line + 3), (end, bottom - 3), COLOURS[emotion], -1)
        cv2.putText(
            drawn, f"{emotion} {share:.0%}", (x + 3, bottom - round(3 * unit)), FONT, 0.36 * unit, (255, 255, 255),
            max(1, round(0.7 * unit)), cv2.LINE_AA,
        )  # fmt: skip
