"""People keep their numbers through crossings and gaps, ghosts get none, probabilities are smoothed over time."""

import numpy as np
import pytest

from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression
from openfer.faces.tracker import Tracker, iou

RATE = 25


def at(left: float, emotion: int = 3, side: float = 50, top: float = 0) -> Expression:
    probabilities = np.full(7, 0.02)
    probabilities[emotion] = 0.88
    return Expression(Face((left, top, side, side), 1.0), probabilities, 0.5, 50.0)


def numbers(tracker: Tracker, seconds: float, *lefts: float) -> list[int | None]:
    return [person.number for person, _ in tracker.update([at(left) for left in lefts], seconds)]


def in_short() -> Tracker:
    """A tracker that gives numbers at once: each frame stands for a second."""
    return Tracker(step=1.0)


def follow(tracker: Tracker, frames) -> list[list[int | None]]:
    """The numbers of the faces of each frame, as they are known in the end."""
    seen = [[person for person, _ in tracker.update(faces, n / RATE)] for n, faces in enumerate(frames)]
    return [[person.number for person in people] for people in seen]


def test_people_keep_their_numbers_whatever_the_order_of_the_faces():
    tracker = in_short()
    assert numbers(tracker, 0.0, 0, 200) == [1, 2]
    assert numbers(tracker, 0.1, 210, 5) == [2, 1]
    assert numbers(tracker, 0.2, 10) == [1]
    assert numbers(tracker, 0.6, 215, 15, 400) == [2, 1, 3]


def test_a_face_that_is_gone_for_a_moment_keeps_its_number_and_for_longer_does_not():
    tracker = Tracker(gap=1.0, step=1.0)
    assert numbers(tracker, 0.0, 0) == [1]
    assert numbers(tracker, 0.5) == []
    assert numbers(tracker, 1.0, 5) == [1]
    assert numbers(tracker, 1.6) == []
    assert numbers(tracker, 2.1, 5) == [2]


def test_two_faces_never_share_a_number():
    tracker = in_short()
    numbers(tracker, 0.0, 0)
    assert sorted(numbers(tracker, 0.4, 0, 10)) == [1, 2]


def test_two_people_who_cross_keep_their_numbers_while_one_hides_the_other():
    """One walks to the right in front, the other to the left behind; where they overlap only the front one is found."""
    frames, truth = [], []
    for n in range(2 * RATE):
        front, behind = 100 + 8 * n, 500 - 8 * n
        hidden = abs(front - behind) < 70
        frames.append([at(front, side=80)] + ([] if hidden else [at(behind, side=72, top=6)]))
        truth.append([1] if hidden else [1, 2])
    assert [] in [t[1:] for t in truth]
    assert follow(Tracker(step=1 / RATE), frames) == truth


def test_two_people_who_turn_back_before_they_cross_keep_their_numbers():
    places = [(100 + 5 * min(n, 50 - n), 400 - 5 * min(n, 50 - n)) for n in range(50)]
    found = follow(Tracker(step=1 / RATE), [[at(left), at(right)] for left, right in places])
    assert found == [[1, 2]] * 50


def test_a_large_face_that_moves_aside_keeps_its_number_and_the_small_one_behind_gets_its_own():
    frames = [
        [at(200 + 12 * max(0, n - 12), side=200)] + ([at(270, side=50, top=60)] if n > 24 else []) for n in range(50)
    ]
    found = follow(Tracker(step=1 / RATE), frames)
    assert all(numbers[0] == 1 for numbers in found)
    assert all(numbers[1:] == [2] for numbers in found[25:])


def test_a_face_of_the_last_frame_comes_before_one_that_was_seen_longer_ago():
    """Somebody turned away for 0.7 s while another came and stood half there: who was seen last goes on."""
    tracker = in_short()
    assert numbers(tracker, 0.0, 100, 300) == [1, 2]
    for n, left in enumerate((260, 215, 165, 130, 130, 130), start=1):
        assert numbers(tracker, 0.1 * n, left) == [2]
    assert numbers(tracker, 0.7, 113) == [2]


def test_a_face_that_walks_on_while_it_is_hidden_is_known_again():
    frames = [[] if 20 <= n < 28 else [at(100 + 10 * n)] for n in range(45)]
    assert {number for found in follow(Tracker(step=1 / RATE), frames) for number in found} == {1}


def test_a_face_that_comes_out_behind_another_bit_by_bit_is_known_again():
    """It walks 200 pixels a second, is hidden for 0.7 seconds, and comes out at the side towards which it walks."""
    frames = [[] if 20 <= n < 37 else [at(100 + 8 * n, side=90)] for n in range(60)]
    for n, side in ((37, 66), (38, 74), (39, 82)):
        frames[n] = [at(190 + 8 * n - side, side=side)]
    assert {number for found in follow(Tracker(step=1 / RATE), frames) for number in found} == {1}


@pytest.mark.parametrize("frames", [1, 3, 7])
def test_finds_of_a_few_frames_are_nobody_and_take_no_number(frames):
    def faces(n):
        ghost = [at(400, side=40)] if 20 <= n < 20 + frames else []
        return [at(100)] + ghost + ([at(600)] if n > 30 else [])

    tracker = Tracker(step=1 / RATE)
    found = follow(tracker, [faces(n) for n in range(60)])
    assert all(number is None for numbers in found[20 : 20 + frames] for number in numbers[1:])
    assert all(numbers == [1, 2] for numbers in found[31:])
    assert tracker.count == 2


def test_where_frames_are_a_second_apart_one_is_enough():
    tracker = Tracker(gap=2.5, step=1.0)
    assert numbers(tracker, 0.0, 0) == [1]
    assert numbers(tracker, 1.0, 5, 300) == [1, 2]


def test_frames_at_the_same_time_are_followed():
    tracker = in_short()
    assert [numbers(tracker, 1.0, 10 * n) for n in range(3)] == [[1]] * 3


def test_iou_is_what_two_boxes_share_of_what_they_cover():
    assert iou((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert iou((0, 0, 10, 10), (20, 0, 10, 10)) == 0
    assert iou((0, 0, 200, 200), (50, 50, 50, 50)) == pytest.approx(1 / 16)


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
    tracker = Tracker(smoothing=10, step=1.0)
    tracker.update([at(0, emotion=3), at(200, emotion=0)], 0.0)
    seen = {person.number: one for person, one in tracker.update([at(200, emotion=0), at(0, emotion=3)], 0.1)}
    assert [seen[number].emotion for number in (1, 2)] == ["happy", "angry"]
