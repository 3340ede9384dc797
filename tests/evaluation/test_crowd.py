"""People beside people, and eight expressions made seven."""

import numpy as np
import pytest

from openfer.evaluation.crowd import one_person, seven


def test_one_person_agrees_with_the_other_nine_as_often_as_counted_by_hand():
    # Nine happy, one sad: each of the nine agrees with eight others, the one with nobody.
    assert one_person(np.array([[9, 1, 0]])) == pytest.approx(0.9)
    # Six and four: 6 of 10 agree; without one of the six it is 5 against 4, without one of the four 6 against 3.
    assert one_person(np.array([[6, 4, 0]])) == pytest.approx(0.6)
    # Five and five: whoever is taken out, the others are five against four for what this one did not see.
    assert one_person(np.array([[5, 5, 0]])) == 0
    # Two, one, one of four: without one of the two all three are even, so that a third is right.
    assert one_person(np.array([[2, 1, 1]])) == pytest.approx(2 / 4 / 3)


def test_seven_of_eight_are_given_that_it_is_one_of_the_seven():
    found = seven(np.array([[0.1, 0, 0, 0.4, 0, 0, 0, 0.5]]))
    np.testing.assert_allclose(found, [[0.2, 0, 0, 0.8, 0, 0, 0]], atol=1e-5)
    np.testing.assert_allclose(seven(np.array([[0, 0, 0, 0, 0, 0, 0, 1.0]])).sum(), 1)
