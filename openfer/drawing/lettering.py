"""Text in pictures: fonts, plates, the percentages as bars."""

from functools import lru_cache
from pathlib import Path

from PIL import ImageDraw, ImageFont

from openfer.drawing.palette import Colour, colours, text_on
from openfer.faces.predictor import Expression

MORE_LETTERS = Path(__file__).with_name("fonts") / "DejaVuSans.ttf"
NO_LETTER = "\uffff"
"""What no font has: it is drawn as every letter that is missing, a crossed box."""


def font(size: int, text: str = "") -> ImageFont.FreeTypeFont:
    """Return a font with letters of `size` pixels: Aileron, which is part of Pillow, or DejaVu Sans.

    Args:
        size: of its letters.
        text: that is drawn; Aileron lacks é and ü, Greek and Cyrillic, which names and emotions may have.
    """
    return _more_letters(size) if any(map(_is_missing, set(text))) else _own(size)


@lru_cache(maxsize=64)
def _own(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


@lru_cache(maxsize=64)
def _more_letters(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(MORE_LETTERS), size)


@lru_cache(maxsize=4096)
def _is_missing(letter: str) -> bool:
    """Tell whether Aileron lacks a letter."""
    box, own = (bytes(_own(16).getmask(one)) for one in (NO_LETTER, letter))
    return own == box


def label(expression: Expression) -> str:
    """Return what is written at a face: "happy 93%", with a question mark where it is unsure."""
    return f"{expression.emotion}{'?' if expression.unsure else ''} {expression.probabilities.max():.0%}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its word: "1 face", "1,200 faces"; `many` is the plural where it is not one more s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def plate_size(text: str, size: int) -> tuple[int, int]:
    """Return width and height in pixels of a text on its plate.

    Args:
        text: of one line.
        size: of its letters, in pixels.
    """
    return round(font(size, text).getlength(text) + 0.7 * size), round(1.35 * size)


def plate(draw: ImageDraw.ImageDraw, corner: tuple[int, int], text: str, size: int, colour: Colour) -> None:
    """Draw a text on a plate; `corner` is its left and top."""
    (x, y), (wide, tall) = corner, plate_size(text, size)
    draw.rectangle((x, y, x + wide - 1, y + tall - 1), colour)
    draw.text((x + wide / 2, y + tall / 2), text, text_on(colour), font(size, text), anchor="mm")


def shortened(text: str, size: int, wide: int) -> str:
    """Return a text that fits into `wide` pixels; what is left out of its middle is a dash of dots."""
    letters = font(size, text)
    if letters.getlength(text) <= wide:
        return text
    for kept in range(len(text) - 1, 0, -1):
        tail = kept // 2
        shorter = f"{text[: kept - tail]}…{text[len(text) - tail :]}"
        if letters.getlength(shorter) <= wide:
            return shorter
    return "…"


def bars_size(size: int, count: int) -> tuple[int, int]:
    """Return width and height in pixels of `bars` of so many emotions with letters of `size` pixels."""
    return 14 * size, round(1.3 * size) * count + size // 2


def bars(draw: ImageDraw.ImageDraw, corner: tuple[int, int], expression: Expression, size: int, ink: Colour) -> None:
    """Draw the percentages: name, bar, figure; a name that is too long is shortened.

    Args:
        draw: of the picture.
        corner: left and top in pixels.
        expression: of the face.
        size: of the letters, in pixels.
        ink: colour of the letters.
    """
    wide, _ = bars_size(size, len(expression.emotions))
    line = round(1.3 * size)
    start, longest = corner[0] + 5 * size, wide - 8 * size
    shades = colours(expression.emotions)
    for number, (emotion, share) in enumerate(expression.shares.items()):
        top = corner[1] + size // 4 + number * line
        name = shortened(emotion, size, round(4.6 * size))
        draw.text((start - 0.4 * size, top + line / 2), name, ink, font(size, name), anchor="rm")
        end = start + round(longest * share)
        if end > start:
            draw.rectangle((start, top + 0.2 * line, end - 1, top + 0.8 * line), shades[emotion])
        draw.text((end + 0.3 * size, top + line / 2), f"{share:.0%}", ink, font(size), anchor="lm")
