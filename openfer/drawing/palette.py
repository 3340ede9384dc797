"""The colours of the emotions, in every picture, chart, page and film of the program.

Any two differ by a CIEDE2000 of 12 or more for people with all cones and for those who lack one kind, and each has a
contrast of 3 to white and to nearly black paper; tests/drawing/test_palette.py computes both.
"""

import itertools
from functools import lru_cache

COLOURS = {
    "angry": (200, 31, 40),
    "disgust": (120, 156, 107),
    "fear": (133, 81, 139),
    "happy": (192, 140, 9),
    "sad": (31, 100, 227),
    "surprise": (41, 160, 189),
    "neutral": (128, 124, 123),
}
"""RGB of each emotion."""

AS = {"positive": "happy", "negative": "angry"}
"""Groups that have the colour of a member."""

Colour = tuple[int, int, int]
"""RGB, 0 to 255 each."""

INK, PAPER = (17, 17, 17), (255, 255, 255)
"""Nearly black and white, which text and ground of what is drawn have."""


@lru_cache(maxsize=64)
def colours(emotions: tuple[str, ...] = tuple(COLOURS)) -> dict[str, Colour]:
    """Return the colour of each emotion that a model tells apart.

    Those of `COLOURS` have theirs; others have the ones that are left over, in order, and from the eighth on all again.

    Args:
        emotions: their names.
    """
    known = {name: AS.get(name, name) for name in emotions if AS.get(name, name) in COLOURS}
    free = [one for one in COLOURS if one not in known.values()] or list(COLOURS)
    others = zip((name for name in emotions if name not in known), itertools.cycle(free), strict=False)
    return {name: COLOURS[one] for name, one in (*known.items(), *others)}


def text_on(ground: Colour) -> Colour:
    """Return the colour, `INK` or `PAPER`, in which text is read best on `ground`."""
    return max((INK, PAPER), key=lambda text: contrast(text, ground))


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    darker, brighter = sorted(map(_luminance, (one, other)))
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    """Return the relative luminance of an sRGB colour, from 0 to 1."""
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
