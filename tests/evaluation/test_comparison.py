"""Comparison of two systems on the same faces."""

import numpy as np
import pytest

from openfer.evaluation.comparison import disagreement, holm, mcnemar

LABELS = np.zeros(20, int)
RIGHT, WRONG = np.zeros(20, int), np.ones(20, int)


def test_only_the_faces_on_which_the_systems_differ_count():
    one, other = RIGHT.copy(), RIGHT.copy()
    one[:5] = other[:5] = 1
    other[5:15] = 2
    assert mcnemar(LABELS, one, other) == {"only_one": 10, "only_other": 0, "p": pytest.approx(2 * 0.5**10)}


def test_equal_systems_are_not_told_apart():
    assert mcnemar(LABELS, RIGHT, RIGHT) == {"only_one": 0, "only_other": 0, "p": 1.0}
    half = np.where(np.arange(20) % 2, RIGHT, WRONG)
    assert mcnemar(LABELS, half, 1 - half)["p"] == 1.0


def test_holm_example_computed_by_hand():
    """0.01 × 4; 0.02 × 3; 0.03 × 2 is not below 0.06; 0.9 × 1."""
    assert holm([0.03, 0.01, 0.9, 0.02]) == pytest.approx([0.06, 0.04, 0.9, 0.06])


def test_holm_corrects_values_never_below_those_before_and_never_above_one():
    assert holm([0.012, 0.011, 0.7, 0.8]) == pytest.approx([0.044, 0.044, 1.0, 1.0])


def test_holm_leaves_one_test_as_it_is_and_keeps_the_first_of_equals():
    assert holm([0.04]) == [0.04]
    assert holm([]) == []
    assert holm([0.02, 0.02]) == pytest.approx([0.04, 0.04])


def test_disagreement_is_symmetric_and_zero_with_itself():
    half = np.where(np.arange(20) % 2, RIGHT, WRONG)
    shares = disagreement({"one": RIGHT, "other": half})
    assert shares == {"one": {"one": 0.0, "other": 0.5}, "other": {"one": 0.5, "other": 0.0}}
