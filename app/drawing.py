"""Faces drawn into their picture: box, emotion, and the percentages of all seven."""

from collections.abc import Sequence

import cv2
import numpy as np

from fer.emotions import EMOTIONS
from fer.predictor import Expression

COLOURS = {
    "angry": (214, 69, 65),
    "disgust": (120, 150, 60),
    "fear": (142, 96, 180),
    "happy": (245, 180, 40),
    "sad": (70, 120, 190),
    "surprise": (240, 130, 50),
    "neutral": (150, 155, 160),
}
"""RGB of each emotion, in every picture that the program draws."""

FONT = cv2.FONT_HERSHEY_SIMPLEX


def annotated(picture: np.ndarray, expressions: Sequence[Expression], names: Sequence[str] = ()) -> np.ndarray:
    """Return a copy of a picture with its faces marked.

    Args:
        picture: (height, width, 3) uint8 RGB.
        expressions: its faces.
        names: what stands before each emotion, such as the number of a person.
    """
    drawn = picture.copy()
    # Letters and lines that can be read on a photograph of any size.
    unit = max(1.0, min(picture.shape[:2]) / 480)
    for number, expression in enumerate(expressions):
        _mark(drawn, expression, names[number] if names else "", unit)
    return drawn


def label(expression: Expression) -> str:
    """Return what is written at a face: "happy 93 %", with a question mark where it is unsure."""
    return f"{expression.emotion}{'?' if expression.unsure else ''} {expression.probabilities.max():.0%}"


def _mark(drawn: np.ndarray, expression: Expression, name: str, unit: float) -> None:
    """Draw the box of a face, its emotion on a plate above it (below, where there is no room), and its percentages."""
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
    _bars(drawn, expression, (left, top, width, height), unit)


def _bars(drawn: np.ndarray, expression: Expression, box: tuple[int, int, int, int], unit: float) -> None:
    """Draw the seven percentages beside the box, on the side with more room."""
    left, top, width, _ = box
    line, long = round(14 * unit), round(70 * unit)
    space = long + round(95 * unit)
    x = left + width + round(6 * unit)
    if x + space > drawn.shape[1]:
        x = left - space if left - space >= 0 else max(0, drawn.shape[1] - space)
    y = int(np.clip(top, 0, max(0, drawn.shape[0] - line * len(EMOTIONS))))
    panel = drawn[y : y + line * len(EMOTIONS), x : x + space]
    panel[:] = (panel * 0.4).astype(np.uint8)
    for number, (emotion, share) in enumerate(zip(EMOTIONS, expression.probabilities, strict=True)):
        bottom = y + (number + 1) * line
        start = x + round(90 * unit)
        end = start + round(long * float(share))
        cv2.rectangle(drawn, (start, bottom - line + 3), (end, bottom - 3), COLOURS[emotion], -1)
        cv2.putText(
            drawn, f"{emotion} {share:.0%}", (x + 3, bottom - round(3 * unit)), FONT, 0.36 * unit, (255, 255, 255),
            max(1, round(0.7 * unit)), cv2.LINE_AA,
        )  # fmt: skip
