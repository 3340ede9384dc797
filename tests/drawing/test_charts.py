"""A chart says of whom it is and whether it is sure."""

import numpy as np
import pytest

from openfer.drawing import charts
from openfer.drawing.palette import COLOURS
from tests.drawing.test_annotation import expression


@pytest.fixture
def written(monkeypatch):
    """What is written as title."""
    texts = []
    monkeypatch.setattr(charts, "shortened", lambda text, *_: texts.append(text) or text)
    monkeypatch.setattr(charts, "label", lambda found: texts.append(found.unsure) or "")
    return texts


def test_a_chart_names_its_face_and_says_whether_it_is_sure(written):
    charts.bar_chart(expression((0, 0, 9, 9), unsure=True), "holiday.jpg, face 2")
    assert written == [True, "holiday.jpg, face 2"]


def test_bars_have_the_colour_of_their_emotion_and_the_length_of_its_share():
    chart = np.array(charts.bar_chart(expression((0, 0, 9, 9), "sad"), "a.jpg"))
    lengths = {name: (chart == colour).all(axis=2).sum(axis=1).max() for name, colour in COLOURS.items()}
    assert lengths["sad"] == pytest.approx(14 * lengths["angry"], rel=0.1)


def test_unsure_is_written_out():
    sure, unsure = (np.array(charts.bar_chart(expression((0, 0, 9, 9), unsure=one), "a.jpg")) for one in (False, True))
    assert (sure != unsure).any()


def test_a_long_name_stays_in_the_chart():
    chart = np.array(charts.bar_chart(expression((0, 0, 9, 9)), "a" * 300 + ".jpg, face 12"))
    assert (chart[:, -4:] == 255).all()
