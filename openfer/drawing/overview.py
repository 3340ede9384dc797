"""Many pictures at a glance: how often each emotion is shown, and the faces that show it."""

import heapq
import itertools
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from openfer.drawing.legend import thumbnail
from openfer.drawing.lettering import counted, font, shortened
from openfer.drawing.palette import INK, PAPER, colours
from openfer.drawing.placement import clipped
from openfer.emotions import EMOTIONS
from openfer.faces.predictor import Expression

SIDE, GAP, ACROSS = 72, 10, 12
"""Pixels of a face and between two, and faces in a row."""

MOST = 4 * ACROSS
"""Faces of each emotion that are shown, the surest; a million pictures take no more memory than a thousand."""

LETTERS, SMALL = 18, 11
"""Pixels of the letters, and of those below a face."""

LINE = 28
"""Pixels of a line of text."""

WIDTH = ACROSS * (SIDE + GAP) + GAP
LONGEST = 480
"""Pixels of the whole picture, and of the bar of an emotion that everybody shows."""

BELOW = SIDE + 3 * SMALL + GAP
"""Pixels from one row of faces, with the names of their pictures in two lines, to the next."""


class Shown(NamedTuple):
    """A face on the sheet; the first two fields order them, the surest last."""

    rank: tuple[bool, float]
    number: int
    thumbnail: Image.Image
    name: str


class Overview:
    """Collects faces picture by picture and draws them together.

    Attributes:
        pictures: that were added, with faces or without.
        faces: of each emotion.
        unsure: of these.
    """

    def __init__(self, emotions: tuple[str, ...] = EMOTIONS) -> None:
        """Start without pictures.

        Args:
            emotions: names of what the model tells apart.
        """
        self.emotions, self.colours = emotions, colours(emotions)
        self.pictures, self.faces, self.unsure = 0, Counter(), Counter()
        self._shown: dict[str, list[Shown]] = {emotion: [] for emotion in emotions}
        self._numbers = itertools.count()

    def add(self, picture: np.ndarray, expressions: Sequence[Expression], name: str) -> None:
        """Add a picture.

        Args:
            picture: (height, width, 3) uint8 RGB.
            expressions: its faces.
            name: of the picture, which stands below them, with the number of the face where there are several.
        """
        self.pictures += 1
        for number, expression in enumerate(expressions, start=1):
            self.faces[expression.emotion] += 1
            self.unsure[expression.emotion] += expression.unsure
            rank = not expression.unsure, float(expression.probabilities.max())
            shown = self._shown[expression.emotion]
            if len(shown) == MOST and rank <= shown[0].rank:
                continue
            area = clipped(_square(expression.face.box), picture.shape[1::-1])
            face = thumbnail(picture[area.top : area.bottom, area.left : area.right], SIDE)
            below = f"{number}: {name}" if len(expressions) > 1 else name
            (heapq.heappush if len(shown) < MOST else heapq.heapreplace)(
                shown, Shown(rank, next(self._numbers), face, below)
            )

    def draw(self) -> Image.Image:
        """Return title, a bar an emotion, and the faces of each, the surest first."""
        sheets = [(emotion, sorted(shown, reverse=True)) for emotion, shown in self._shown.items() if shown]
        rows = sum(-(-len(shown) // ACROSS) for _, shown in sheets)
        tall = (2 + len(self.emotions) + len(sheets)) * LINE + rows * BELOW + 2 * GAP
        page = Image.new("RGB", (WIDTH, tall), PAPER)
        draw = ImageDraw.Draw(page)
        faces, unsure = self.faces.total(), self.unsure.total()
        numbers = f"{counted(self.pictures, 'picture')}, {counted(faces, 'face')}"
        title = f"{numbers}, {unsure:,} of them unsure (pale, dashed)"
        draw.text((GAP, GAP + LINE / 2), title, INK, font(LETTERS), anchor="lm")
        for number, emotion in enumerate(self.emotions):
            self._bar(draw, GAP + (number + 1.5) * LINE, emotion)
        y = GAP + (len(self.emotions) + 2) * LINE
        for emotion, shown in sheets:
            y = self._sheet(page, draw, y, emotion, shown)
        return page

    def _bar(self, draw: ImageDraw.ImageDraw, y: float, emotion: str) -> None:
        """Draw the share of an emotion among all faces, that of the unsure ones pale."""
        start, per_face = GAP + 6 * LETTERS, LONGEST / max(1, self.faces.total())
        sure = start + round(per_face * (self.faces[emotion] - self.unsure[emotion]))
        end = start + round(per_face * self.faces[emotion])
        top, bottom = y + 0.15 * LINE, y + 0.85 * LINE
        if end > start:
            draw.rectangle((start, top, end - 1, bottom), _pale(self.colours[emotion]), self.colours[emotion])
        if sure > start:
            draw.rectangle((start, top, sure - 1, bottom), self.colours[emotion])
        share = self.faces[emotion] / max(1, self.faces.total())
        figures = f"{share:.0%} · {self.faces[emotion]}"
        if self.unsure[emotion]:
            figures += f", {self.unsure[emotion]} unsure"
        name = shortened(emotion, LETTERS, start - GAP)
        draw.text((start - 0.5 * LETTERS, y + LINE / 2), name, INK, font(LETTERS, name), anchor="rm")
        draw.text((end + 0.5 * LETTERS, y + LINE / 2), figures, INK, font(LETTERS), anchor="lm")

    def _sheet(self, page: Image.Image, draw: ImageDraw.ImageDraw, y: int, emotion: str, shown: Sequence[Shown]) -> int:
        """Draw the faces of an emotion from y on; return where they end."""
        draw.rectangle((GAP, y + 0.2 * LINE, GAP + 0.6 * LINE, y + 0.8 * LINE), self.colours[emotion])
        more = self.faces[emotion] - len(shown)
        heading = f"{emotion}{f' (and {more} more)' if more else ''}"
        draw.text((GAP + LINE, y + LINE / 2), heading, INK, font(LETTERS, heading), anchor="lm")
        y += LINE
        for number, face in enumerate(shown):
            x = GAP + number % ACROSS * (SIDE + GAP)
            top = y + number // ACROSS * BELOW
            page.paste(face.thumbnail, (x, top))
            _frame(draw, x, top, self.colours[emotion], dashed=not face.rank[0])
            draw.text((x, top + SIDE + 3), _two_lines(face.name), INK, font(SMALL, face.name), spacing=1)
        return y + -(-len(shown) // ACROSS) * BELOW


def _square(box: Sequence[float]) -> tuple[float, float, float, float]:
    """Return the square around a box, a little larger than that."""
    left, top, width, height = box
    side = 1.1 * max(width, height)
    return left + (width - side) / 2, top + (height - side) / 2, side, side


def _two_lines(name: str) -> str:
    """Return a name in one or two lines that are no wider than a face."""
    letters = font(SMALL, name)  # of all of it, as it is drawn
    name = shortened(name, SMALL, 2 * SIDE - 2 * SMALL)
    first = next(kept for kept in range(len(name), 0, -1) if letters.getlength(name[:kept]) <= SIDE)
    return f"{name[:first]}\n{name[first:]}".rstrip()


def _pale(colour: tuple[int, ...]) -> tuple[int, ...]:
    """Return a colour, mixed with that of the paper."""
    return tuple(round(0.35 * one + 0.65 * other) for one, other in zip(colour, PAPER, strict=True))


def _frame(draw: ImageDraw.ImageDraw, x: int, y: int, colour: tuple[int, ...], dashed: bool) -> None:
    """Draw the border of a face of `SIDE` pixels."""
    step = SIDE // 9
    for start in range(0, SIDE, 2 * step if dashed else step):
        last = min(SIDE - 1, start + step - 1)
        for near in (0, SIDE - 3):
            draw.rectangle((x + start, y + near, x + last, y + near + 2), colour)
            draw.rectangle((x + near, y + start, x + near + 2, y + last), colour)
