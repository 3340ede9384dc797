"""The timeline: a lane a person, hatched where it is unsure, with names, title and seconds."""

import numpy as np
import pytest

from openfer.app import timeline as module
from openfer.app.people import People
from openfer.app.timeline import HATCH, segments, timeline
from openfer.drawing.palette import COLOURS
from openfer.emotions import EMOTIONS
from tests.app.test_people import showing, three_seconds

HAPPY, SAD, SURPRISE = (EMOTIONS.index(name) for name in ("happy", "sad", "surprise"))


def shade(emotion: str) -> np.ndarray:
    """The colour of an emotion as Matplotlib has it."""
    return np.array(COLOURS[emotion]) / 255


def test_a_lane_shows_each_stretch_of_the_same_and_a_gap_where_the_face_is_out_of_sight():
    assert list(segments(three_seconds(), 2)) == [(0.0, 2.0, HAPPY, False), (3.0, 4.0, SAD, True)]
    assert list(segments(three_seconds(), 1)) == [(1.0, 2.0, SURPRISE, False)]


def test_in_a_long_film_a_piece_shows_what_most_of_its_frames_show(monkeypatch):
    monkeypatch.setattr(module, "COLUMNS", 10)
    people = People()
    for number in range(95):
        people.add(number, [(1, showing("sad" if number % 10 == 0 or number >= 80 else "happy"))])
    assert list(segments(people, 1)) == [(0.0, 80.0, HAPPY, False), (80.0, 95.0, SAD, False)]


@pytest.mark.parametrize("name", ["cost $5_$6.mp4", "a$b$c.mp4"])
def test_a_name_with_dollars_is_no_formula(tmp_path, name):
    figure = timeline(three_seconds(), name)
    assert not figure.axes[0].title.get_parse_math()
    figure.savefig(tmp_path / "timeline.png")


def test_lanes_have_names_a_title_and_seconds_and_unsure_is_lighter_and_hatched():
    figure = timeline(three_seconds(), "holiday.mp4")
    (axes,) = figure.axes
    assert axes.get_title() == "holiday.mp4"
    assert axes.get_xlabel() == "seconds"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["person 1", "person 2"]
    drawn = {lane.get_hatch(): tuple(lane.get_facecolor()[0][:3]) for lane in axes.collections[1:]}
    assert drawn[None] == pytest.approx(tuple(shade("happy")))
    assert drawn[HATCH] == pytest.approx(tuple(0.35 * shade("sad") + 0.65))
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["happy", "sad", "surprise", "unsure"]


def test_valence_has_a_lane_of_its_own_where_it_is_asked_for():
    (axes,) = timeline(three_seconds(), surprise="positive").axes
    assert [label.get_text() for label in axes.get_yticklabels()][::2] == ["person 1", "person 2"]
    one, two = (patch.get_data().values for patch in axes.patches)
    np.testing.assert_allclose(one, [np.nan, 1 - 0.4 * (0.9 - 0.08), np.nan, np.nan])
    np.testing.assert_allclose(two[:2], 3 - 0.4 * (0.9 - 0.08))
    assert two[3] > 3  # below the line: negative
    assert np.isnan(two[2])


def test_those_who_have_no_place_are_counted_in_the_title(monkeypatch):
    monkeypatch.setattr(module, "MOST_PEOPLE", 1)
    assert timeline(three_seconds(), "holiday.mp4").axes[0].get_title() == "holiday.mp4 (1 of 2 people)"


def test_a_film_without_a_face_says_so():
    assert [text.get_text() for text in timeline(People()).axes[0].texts] == ["no face"]
