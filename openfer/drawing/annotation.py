"""Faces marked in their picture: box, number, emotion, the percentages of all emotions; no mark covers a face."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw

from openfer.drawing.legend import with_legend
from openfer.drawing.lettering import bars, bars_size, label, plate, plate_size
from openfer.drawing.palette import INK, PAPER, Colour, colours
from openfer.drawing.placement import Place, Rectangle, clipped, places
from openfer.faces.predictor import Expression

SMALLEST, LONGEST = 360, 1600
"""A picture is enlarged until its shorter side has so many pixels, unless the longer side gets longer than that."""

FEW = 4
"""Faces of a picture beside which all percentages stand, where there is room."""


class Marks(NamedTuple):
    """What is written at the faces of a picture.

    Attributes:
        texts: of each face.
        size: of the letters, in pixels.
        places: of each text; None where there is no room.
    """

    texts: Sequence[str]
    size: int
    places: Sequence[Place | None]


def annotated(picture: np.ndarray, expressions: Sequence[Expression], names: Sequence[str] = ()) -> np.ndarray:
    """Return a picture with its faces marked: a number, the emotion, a dashed box where it is unsure.

    A small picture is enlarged. Where the labels do not find room outside all faces, numbers alone stand in the
    picture, and a legend beside it: what is returned may be larger than the picture. `overlay` keeps its size.

    Args:
        picture: (height, width, 3) uint8 RGB.
        expressions: its faces.
        names: what stands before each emotion, such as the number of a person; without, several faces are numbered.

    Returns:
        (height, width, 3) uint8 RGB.
    """
    names = names or _numbers(expressions)
    picture, boxes = _enlarged(picture, [expression.face.box for expression in expressions])
    extent = picture.shape[1::-1]
    faces = [clipped(box, extent) for box in boxes]
    marks = _labels(faces, expressions, names, extent)
    if None not in marks.places:
        return _drawn(picture, faces, expressions, marks)
    marks = _fitting(faces, names, extent, (1.0, 0.8, 0.6))
    drawn = _drawn(picture, faces, expressions, marks)
    return with_legend(drawn, [picture[_slices(face)] for face in faces], expressions, names, letters(extent))


def overlay(frame: np.ndarray, expressions: Sequence[Expression], names: Sequence[str] = ()) -> np.ndarray:
    """Return a frame of a film with its faces marked, in its own size.

    Where the labels do not find room outside all faces, names alone stand there. One that finds none either stands at
    the lower border of its own face, and where that would cover another face or label there is none: a frame has no
    place beside it for a legend.

    Args:
        frame: (height, width, 3) uint8 RGB.
        expressions: its faces.
        names: as of `annotated`.
    """
    names, extent = names or _numbers(expressions), frame.shape[1::-1]
    faces = [clipped(expression.face.box, extent) for expression in expressions]
    marks = _labels(faces, expressions, names, extent)
    if None in marks.places and all(names):
        marks = _fitting(faces, names, extent, (1.0, 0.8))
    if None in marks.places:
        marks = marks._replace(places=_within(faces, marks, extent))
    return _drawn(frame, faces, expressions, marks)


def letters(extent: tuple[int, int]) -> int:
    """Return the pixels of letters that are read well in a picture of this width and height."""
    return max(11, round(min(extent) / 30))


def _numbers(expressions: Sequence[Expression]) -> list[str]:
    """Return the number of each face; a face alone needs none."""
    return [str(number) for number, _ in enumerate(expressions, start=1)] if len(expressions) > 1 else [""]


def _enlarged(picture: np.ndarray, boxes: Sequence[Sequence[float]]) -> tuple[np.ndarray, list[Sequence[float]]]:
    """Return a picture in which letters find room, and its boxes."""
    short, long = sorted(picture.shape[:2])
    times = max(1, min(-(-SMALLEST // short), LONGEST // long))
    if times > 1:
        picture = cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    return picture, [[value * times for value in box] for box in boxes]


def _labels(
    faces: Sequence[Rectangle], expressions: Sequence[Expression], names: Sequence[str], extent: tuple[int, int]
) -> Marks:
    """Place name and emotion of each face, in smaller letters where larger ones find no room."""
    texts = [f"{name} {label(one)}".strip() for name, one in zip(names, expressions, strict=False)]
    return _fitting(faces, texts, extent, (1.0, 0.8))


def _fitting(
    faces: Sequence[Rectangle], texts: Sequence[str], extent: tuple[int, int], factors: Sequence[float]
) -> Marks:
    """Place texts in the largest letters with which all find room; else those of the smallest that do."""
    for factor in factors:
        size = max(9, round(letters(extent) * factor))
        sizes = [plate_size(text, size) if text else (1, 1) for text in texts]
        marks = Marks(texts, size, places(faces, sizes, extent, _thin(size)))
        if None not in marks.places:
            break
    return marks


def _within(faces: Sequence[Rectangle], marks: Marks, extent: tuple[int, int]) -> list[Place | None]:
    """Return places at the lower border of their own face for the labels that have none."""
    found = list(marks.places)
    for number, (face, place) in enumerate(zip(faces, found, strict=True)):
        if place is None:
            wide, tall = plate_size(marks.texts[number], marks.size)
            left = max(0, min((face.left + face.right - wide) // 2, extent[0] - wide))
            area = Rectangle(left, face.bottom - tall, left + wide, face.bottom)
            others = [other for index, other in enumerate(faces) if index != number]
            others += [other.area for other in found if other]
            if wide <= extent[0] and tall <= face.bottom and not any(_meet(area, other) for other in others):
                found[number] = Place(area)
    return found


def _meet(one: Rectangle, other: Rectangle) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


def _slices(area: Rectangle) -> tuple[slice, slice]:
    return slice(area.top, area.bottom), slice(area.left, area.right)


def _thin(size: int) -> int:
    """Return the pixels of a line beside letters of `size` pixels."""
    return max(1, round(size / 8))


def _drawn(
    picture: np.ndarray, faces: Sequence[Rectangle], expressions: Sequence[Expression], marks: Marks
) -> np.ndarray:
    """Draw boxes, leaders, percentages and labels into a copy."""
    drawn, thin = picture.copy(), _thin(marks.size)
    panels = _panels(faces, expressions, marks, picture.shape[1::-1]) if len(faces) <= FEW else []
    for expression, panel in zip(expressions, panels, strict=False):
        if panel:
            with _part(drawn, panel, brightness=0.2) as draw:
                bars(draw, (0, 0), expression, _small(marks), PAPER)
    for face, expression, place in zip(faces, expressions, marks.places, strict=True):
        _box(drawn, face, expression, thin)
        if place and place.leader:
            _line(drawn, *place.leader, _colour(expression), thin)
    for expression, place, text in zip(expressions, marks.places, marks.texts, strict=True):
        if place and text:
            with _part(drawn, place.area) as draw:
                plate(draw, (0, 0), text, marks.size, _colour(expression))
    return drawn


@contextmanager
def _part(drawn: np.ndarray, area: Rectangle, brightness: float = 1.0) -> Iterator[ImageDraw.ImageDraw]:
    """Yield what draws on a part of a picture: Pillow's copy of a whole one takes time and memory for a few letters."""
    part = drawn[_slices(area)]
    image = Image.fromarray((part * brightness).astype(np.uint8))
    yield ImageDraw.Draw(image)
    part[:] = np.asarray(image)


def _panels(
    faces: Sequence[Rectangle], expressions: Sequence[Expression], marks: Marks, extent: tuple[int, int]
) -> list[Rectangle | None]:
    """Return where the percentages of each face stand that find room at it and off everything else."""
    taken, found = [*faces, *(place.area for place in marks.places if place)], []
    gap = 2 * _thin(marks.size)
    for face, expression in zip(faces, expressions, strict=True):
        areas = _around(face, bars_size(_small(marks), len(expression.emotions)), gap, extent)
        free = [area for area in areas if not any(_meet(area, other) for other in taken)]
        found.append(free[0] if free else None)
        taken += free[:1]
    return found


def _around(face: Rectangle, size: tuple[int, int], gap: int, extent: tuple[int, int]) -> list[Rectangle]:
    """Return places in the picture on the right of a face, on its left, below it and above it."""
    wide, tall = size
    left, top = max(0, min(face.left, extent[0] - wide)), max(0, min(face.top, extent[1] - tall))
    corners = [(face.right + gap, top), (face.left - gap - wide, top)]
    corners += [(left, face.bottom + gap), (left, face.top - gap - tall)]
    areas = [Rectangle(x, y, x + wide, y + tall) for x, y in corners]
    return [area for area in areas if min(area) >= 0 and area.right <= extent[0] and area.bottom <= extent[1]]


def _colour(expression: Expression) -> Colour:
    return colours(expression.emotions)[expression.emotion]


def _small(marks: Marks) -> int:
    """Return the pixels of the letters of percentages."""
    return round(0.75 * marks.size)


def _box(drawn: np.ndarray, face: Rectangle, expression: Expression, thin: int) -> None:
    """Draw the box of a face, dashed where it is unsure."""
    # A line that suits large letters would fill a small face.
    thin = max(1, min(thin, (face.right - face.left) // 12))
    corners = [(face.left, face.top), (face.right - 1, face.top), (face.right - 1, face.bottom - 1)]
    corners.append((face.left, face.bottom - 1))
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        pieces = _dashes(start, end, 4 * thin + 2) if expression.unsure else [(start, end)]
        for piece in pieces:
            _line(drawn, *piece, _colour(expression), thin)


def _dashes(start: tuple[int, int], end: tuple[int, int], long: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return dashes of about `long` pixels along a line, one at each end, gaps as long."""
    count = 2 * max(1, round(np.hypot(end[0] - start[0], end[1] - start[1]) / long / 2)) + 1
    points = np.linspace(start, end, count + 1).round().astype(int).tolist()
    return [(tuple(points[number]), tuple(points[number + 1])) for number in range(0, count, 2)]


def _line(drawn: np.ndarray, start: tuple[int, int], end: tuple[int, int], colour: Colour, thin: int) -> None:
    """Draw a line with a dark edge, which is seen on a ground of its own colour, too."""
    cv2.line(drawn, start, end, INK, thin + 2, cv2.LINE_AA)
    cv2.line(drawn, start, end, colour, thin, cv2.LINE_AA)
