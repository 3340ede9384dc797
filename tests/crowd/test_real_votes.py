"""The published votes: the counts of the published filter, and how far people agree."""

import os
from pathlib import Path

import numpy as np
import pytest

from openfer.data.votes import learnable, majority, read_votes
from openfer.evaluation.crowd import one_person

VOTES = os.environ.get("FERPLUS_CSV")
pytestmark = pytest.mark.skipif(not VOTES, reason="FERPLUS_CSV names no fer2013new.csv of FER+")

SPLIT = np.repeat(np.arange(3, dtype=np.uint8), (28709, 3589, 3589))
"""The official order."""


@pytest.fixture(scope="module")
def votes():
    return read_votes(Path(VOTES), SPLIT)


def test_the_filter_leaves_as_many_faces_as_published(votes):
    assert np.bincount(SPLIT[majority(votes, 8).rows]).tolist() == [25060, 3199, 3153]


def test_more_faces_are_learned_from_than_have_a_majority(votes):
    seen, most = learnable(votes, 8), majority(votes, 8)
    assert set(most.rows) < set(seen.rows)
    np.testing.assert_allclose(seen.shares.sum(axis=1), 1, rtol=1e-6)


def test_one_person_agrees_with_nine_others_on_four_faces_of_five(votes):
    most = majority(votes, 8)
    assert one_person(votes[most.rows[SPLIT[most.rows] == 1]]) == pytest.approx(0.80, abs=0.005)
