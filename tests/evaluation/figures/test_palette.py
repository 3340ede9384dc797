"""The colours can be told apart by people who see no red or no green, and on paper."""

import itertools

import cv2
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from openfer.evaluation.figures.palette import COLOURS

TO_CONES = np.array(
    [[0.31399022, 0.63951294, 0.04649755], [0.15537241, 0.75789446, 0.08670142], [0.01775239, 0.10944209, 0.87256922]]
)
"""Linear sRGB → long, middle and short cones (Hunt, Pointer & Estévez)."""

VISION = {
    "all cones": np.eye(3),
    "no red cones": np.array([[0, 1.05118294, -0.05116099], [0, 1, 0], [0, 0, 1]]),
    "no green cones": np.array([[1, 0, 0], [0.9513092, 0, 0.04866992], [0, 0, 1]]),
}
"""Cones → cones of a person with that vision (Viénot, Brettel & Mollon 1999)."""


def seen(colour: str, vision: str) -> np.ndarray:
    """CIE L*a*b* of a colour as somebody sees it."""
    srgb = np.array(to_rgb(colour))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.linalg.inv(TO_CONES) @ VISION[vision] @ TO_CONES @ linear, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return cv2.cvtColor(srgb[None, None].astype(np.float32), cv2.COLOR_RGB2Lab)[0, 0]


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_differ_for_every_kind_of_colour_vision(vision):
    for one, other in itertools.combinations(COLOURS, 2):
        assert np.linalg.norm(seen(one, vision) - seen(other, vision)) > 15, (one, other)


def test_every_colour_stands_out_from_white_paper():
    assert all(seen(colour, "all cones")[0] < 75 for colour in COLOURS)
