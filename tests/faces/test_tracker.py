"""People keep their numbers from frame to frame, and probabilities are smoothed over time."""

import numpy as np
import pytest

from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression
from openfer.faces.tracker import Tracker


def at(left: float, emotion: int = 3) -> Expression:
    probabilities = np.full(7, 0.02)
    probabilities[emotion] = 0.88
    return Expression(Face((left, 0, 50, 50), 1.0), probabilities, 0.5, 50.0)


def numbers(tracker: Tracker, seconds: float, *lefts: float) -> list[int]:
    return [number for number, _ in tracker.update([at(left) for left in lefts], seconds)]


def test_people_keep_their_numbers_whatever_the_order_of_the_faces():
    tracker = Tracker()
    assert numbers(tracker, 0.0, 0, 200) == [1, 2]
    assert numbers(tracker, 0.1, 210, 5) == [2, 1]
    assert numbers(tracker, 0.2, 10) == [1]
    assert numbers(tracker, 0.3, 215, 15, 400) == [2, 1, 3]


def test_a_face_that_is_gone_for_a_moment_keeps_its_number_and_for_longer_does_not():
    tracker = Tracker(gap=1.0)
    assert numbers(tracker, 0.0, 0) == [1]
    assert numbers(tracker, 0.5) == []
    assert numbers(tracker, 1.0, 5) == [1]
    assert numbers(tracker, 2.1, 5) == [2]


def test_two_faces_never_share_a_number():
    tracker = Tracker()
    numbers(tracker, 0.0, 0)
    assert sorted(numbers(tracker, 0.1, 0, 10)) == [1, 2]


def test_without_smoothing_probabilities_stay_as_they_are():
    tracker = Tracker()
    tracker.update([at(0, emotion=3)], 0.0)
    ((_, found),) = tracker.update([at(0, emotion=0)], 0.1)
    np.testing.assert_array_equal(found.probabilities, at(0, emotion=0).probabilities)


def test_smoothing_is_a_moving_average_in_time():
    tracker = Tracker(smoothing=0.5)
    ((_, first),) = tracker.update([at(0, emotion=3)], 0.0)
    np.testing.assert_allclose(first.probabilities, at(0, emotion=3).probabilities)
    ((_, second),) = tracker.update([at(0, emotion=0)], 0.5)
    assert second.probabilities[3] == pytest.approx(0.88 * np.exp(-1) + 0.02 * (1 - np.exp(-1)))
    assert second.probabilities.sum() == pytest.approx(1)
    assert second.unsure == (second.probabilities.max() < 0.5)


def test_each_person_is_smoothed_alone():
    tracker = Tracker(smoothing=10)
    tracker.update([at(0, emotion=3), at(200, emotion=0)], 0.0)
    seen = dict(tracker.update([at(200, emotion=0), at(0, emotion=3)], 0.1))
    assert [seen[number].emotion for number in (1, 2)] == ["happy", "angry"]
