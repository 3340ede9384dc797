"""The summary of a film: who was seen when, and what they showed."""

import numpy as np
import pytest

from openfer.app.people import People, columns
from openfer.emotions import EMOTIONS
from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression

FACE = Face((0, 0, 50, 50), 1.0)


def showing(emotion: str, share: float = 0.88) -> Expression:
    probabilities = np.full(7, (1 - share) / 6)
    probabilities[EMOTIONS.index(emotion)] = share
    return Expression(FACE, probabilities, 0.5, 50.0)


def three_seconds() -> People:
    people = People()
    people.add(0.0, [(2, showing("happy"))])
    people.add(1.0, [(2, showing("happy")), (1, showing("surprise"))])
    people.add(2.0, [])
    people.add(3.0, [(2, showing("sad", 0.4))])
    return people


def test_a_row_says_when_how_often_and_what_with_the_share_that_is_unsure():
    one, two = three_seconds().summary()
    assert (one["person"], one["first_seconds"], one["last_seconds"], one["frames"]) == (1, 1.0, 1.0, 1)
    assert (two["person"], two["first_seconds"], two["last_seconds"], two["frames"]) == (2, 0.0, 3.0, 3)
    assert (two["emotion"], two["happy"], two["sad"], two["unsure"]) == ("happy", 0.6667, 0.3333, 0.3333)
    assert tuple(one) == columns(None)


@pytest.mark.parametrize("surprise", ["positive", "neutral", "negative"])
def test_with_valence_surprise_counts_where_the_user_puts_it(surprise):
    one, two = three_seconds().summary(surprise)
    assert (one["valence"], one[f"valence {surprise}"]) == (surprise, 1.0)
    assert (two["valence"], two["valence positive"], two["valence negative"]) == ("positive", 0.6667, 0.3333)
    assert tuple(one) == columns(surprise)


def test_those_seen_longest_come_in_the_order_of_their_numbers():
    people = three_seconds()
    people.add(4.0, [(3, showing("fear")), (2, showing("happy"))])
    people.add(5.0, [(3, showing("fear"))])
    assert people.seen_longest(2) == [2, 3]


def test_a_frame_lasts_until_the_next_and_the_last_one_as_long_as_they_do_in_the_mean():
    assert three_seconds().edges() == pytest.approx([0, 1, 2, 3, 4])
    assert len(People().edges()) == 0
