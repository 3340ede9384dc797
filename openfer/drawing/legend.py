"""A legend beside a picture: who is who, where the picture itself has no room for it."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw

from openfer.drawing.lettering import bars, bars_size, label, plate, plate_size
from openfer.drawing.palette import COLOURS, INK, PAPER, colours
from openfer.faces.predictor import Expression

FEW = 2
"""Faces of which the legend tells all percentages."""


def with_legend(
    drawn: np.ndarray, faces: Sequence[np.ndarray], expressions: Sequence[Expression], names: Sequence[str], size: int
) -> np.ndarray:
    """Return a picture with a legend on its right: each face, its name, its emotion.

    Args:
        drawn: (height, width, 3) uint8 RGB.
        faces: cut out of it, (height, width, 3) uint8 RGB each.
        expressions: of the faces.
        names: of the faces; empty where there is one face alone.
        size: of the letters, in pixels.

    Returns:
        (height or more, width and more, 3) uint8 RGB.
    """
    pad, few = size // 2, len(faces) <= FEW
    wide, tall = bars_size(size, len(expressions[0].emotions))
    texts = [f"{name} {label(one)}".strip() for name, one in zip(names, expressions, strict=True)]
    line = 2 * size + (tall if few else 0)
    column = max(2 * size + pad + max(plate_size(text, size)[0] for text in texts), few * wide) + 2 * pad
    rows = max(1, (drawn.shape[0] - 2 * pad) // (line + pad // 2))
    columns = -(-len(faces) // rows)
    rows = -(-len(faces) // columns)
    tall = max(drawn.shape[0], rows * (line + pad // 2) + 2 * pad)
    sheet = Image.new("RGB", (drawn.shape[1] + columns * column, tall), PAPER)
    sheet.paste(Image.fromarray(drawn))
    draw = ImageDraw.Draw(sheet)
    for number, (face, expression, text) in enumerate(zip(faces, expressions, texts, strict=True)):
        x = drawn.shape[1] + number // rows * column + pad
        y = pad + number % rows * (line + pad // 2)
        sheet.paste(thumbnail(face, 2 * size), (x, y))
        plate(
            draw,
            (x + 2 * size + pad, y + round(0.3 * size)),
            text,
            size,
            colours(expression.emotions)[expression.emotion],
        )
        if few:
            bars(draw, (x, y + 2 * size), expression, size, INK)
    return np.array(sheet)


def thumbnail(face: np.ndarray, side: int) -> Image.Image:
    """Return a face as a square of `side` pixels, all of it, on grey where it is no square."""
    scale = side / max(face.shape[:2])
    size = tuple(max(1, round(length * scale)) for length in face.shape[1::-1])
    small = cv2.resize(face, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    square = Image.new("RGB", (side, side), COLOURS["neutral"])
    square.paste(Image.fromarray(small), ((side - size[0]) // 2, (side - size[1]) // 2))
    return square
