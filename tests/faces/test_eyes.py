"""The eyes of a face that was found: where a person sees them, however the head is tilted; else none."""

import cv2
import numpy as np
import pytest

from openfer.faces.eyes import Eyes
from tests.photos import astronaut, portrait, tilted

BOX = (248.0, 62.0, 82.0, 106.0)
EYES = np.array([(271, 96), (312, 98)])
"""Of the astronaut, as a person sees them."""


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return Eyes()


@pytest.mark.parametrize("times", [0.3, 1, 4])
def test_eyes_are_where_a_person_sees_them_in_faces_of_any_size(eyes, times):
    picture = cv2.resize(astronaut(), None, fx=times, fy=times, interpolation=cv2.INTER_AREA)
    found = eyes(picture, tuple(times * value for value in BOX))
    assert np.abs(found / times - EYES).max() < 5


@pytest.mark.parametrize("angle", [-90, -60, -30, -10, 10, 30, 60, 90])
def test_the_line_of_the_eyes_tilts_with_the_head(eyes, angle):
    lines = []
    for turn in (0, angle):
        found = eyes(tilted(portrait(150), turn), (75, 75, 150, 150))
        lines.append(complex(*(found[1] - found[0])))
    assert np.degrees(np.angle(lines[1] / lines[0])) == pytest.approx(-angle, abs=6)


@pytest.mark.parametrize("shift", [(-0.15, 0), (0.15, 0), (0, -0.1), (0, 0.1)])
def test_a_box_that_is_a_little_off_has_the_same_eyes(eyes, shift):
    left, top, width, height = BOX
    found = eyes(astronaut(), (left + shift[0] * width, top + shift[1] * height, width, height))
    assert np.abs(found - EYES).max() < 6


def test_a_face_at_the_border_has_its_eyes(eyes):
    found = eyes(astronaut()[70:, 250:], (-2, -8, 82, 106))
    assert np.abs(found + np.array((250, 70)) - EYES).max() < 6


@pytest.mark.parametrize("box", [(10, 300, 90, 90), (-500, -500, 50, 50), (0, 0, 0.5, 0.5), (100, 430, 40, 49)])
def test_where_there_is_no_face_there_are_no_eyes(eyes, box):
    assert eyes(astronaut(), box) is None


def test_the_eyes_of_a_neighbour_are_not_taken(eyes):
    pair = np.hstack([astronaut()[60:170, 245:335]] * 2)
    found = eyes(pair, (93, 2, 82, 106))
    assert found[:, 0].min() > 93
