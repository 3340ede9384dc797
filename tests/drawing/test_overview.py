"""An overview counts faces and shows the surest of each emotion."""

import numpy as np
import pytest

from openfer.drawing.overview import LONGEST, MOST, SIDE, WIDTH, Overview
from openfer.drawing.palette import COLOURS
from tests.drawing.test_annotation import expression, scene


def drawn(overview: Overview) -> np.ndarray:
    return np.array(overview.draw())


def widest(page: np.ndarray, emotion: str) -> int:
    return int((page == COLOURS[emotion]).all(axis=2).sum(axis=1).max())


def test_bars_are_the_shares_of_the_emotions():
    overview = Overview()
    for number in range(8):
        overview.add(scene(100, 100), [expression((0, 0, 50, 50), "happy" if number < 6 else "sad")], "a.png")
    page = drawn(overview)
    assert widest(page[:260], "happy") == pytest.approx(0.75 * LONGEST, abs=2)
    assert widest(page[:260], "sad") == pytest.approx(0.25 * LONGEST, abs=2)
    assert widest(page[:260], "fear") == 0


def test_unsure_faces_are_counted_and_pale():
    sure, unsure = Overview(), Overview()
    for overview, mark in ((sure, False), (unsure, True)):
        overview.add(scene(100, 100), [expression((0, 0, 50, 50), unsure=mark)], "a.png")
    assert (unsure.faces["happy"], unsure.unsure["happy"], sure.unsure["happy"]) == (1, 1, 0)
    coloured = [(drawn(one)[:260] == COLOURS["happy"]).all(axis=2).sum() for one in (sure, unsure)]
    assert coloured[1] < 0.2 * coloured[0]


def test_of_many_faces_the_surest_are_shown_and_the_others_counted():
    overview = Overview()
    for number in range(3 * MOST):
        picture = np.full((60, 60, 3), number, np.uint8)
        overview.add(picture, [expression((0, 0, 60, 60), unsure=number % 3 > 0)], f"{number}.png")
    shown = overview._shown["happy"]
    assert len(shown) == MOST
    assert {face.rank[0] for face in shown} == {True}
    assert overview.faces["happy"] == 3 * MOST
    few = Overview()
    few.add(scene(60, 60), [expression((0, 0, 60, 60))], "a.png")
    assert drawn(overview).shape[0] > drawn(few).shape[0] + 2 * SIDE


def test_a_picture_without_faces_counts_as_picture():
    overview = Overview()
    overview.add(scene(10, 10), [], "a.png")
    assert overview.pictures == 1 and drawn(overview).shape[1] == WIDTH


def test_faces_of_any_shape_and_place_are_shown():
    overview = Overview()
    boxes = [(-30, -30, 40, 40), (95, 95, 50, 50), (0, 0, 1, 90), (200, 200, 9, 9)]
    overview.add(scene(100, 100), [expression(box) for box in boxes], "a" * 200)
    assert drawn(overview).shape[1] == WIDTH
