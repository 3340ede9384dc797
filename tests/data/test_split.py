import numpy as np
import pytest

from openfer.data.split import random_split, split_codes
from openfer.data.table import IngestError, Table
from tests.data.faces import faces


def table(split, count=9):
    return Table(*faces(count)[:2], split, [])


def test_the_official_split_is_the_source_s_own():
    split = np.array([2, 1, 0, 0, 0, 0, 0, 0, 0], np.uint8)
    assert split_codes(table(split), "official", 0, "a.csv") is split


@pytest.mark.parametrize("split", [None, np.arange(9, dtype=np.uint8) % 3])
def test_the_random_split_needs_none_and_follows_the_seed(split):
    np.testing.assert_array_equal(split_codes(table(split), "random", 5, "a.csv"), random_split(9, 5))


def test_a_source_without_splits_is_refused_in_a_line_that_names_the_right_file():
    with pytest.raises(
        IngestError,
        match=r"a\.csv has no column Usage.*train\.csv.*fer2013\.csv or icml_face_data\.csv.*data\.split: random",
    ):
        split_codes(table(None), "official", 0, "a.csv")


def test_the_random_split_has_the_published_sizes():
    split = random_split(35887, 0)
    assert np.bincount(split).tolist() == [22967, 5742, 7178]
    np.testing.assert_array_equal(split, random_split(35887, 0))
    assert (split != random_split(35887, 1)).any()


@pytest.mark.parametrize(("kind", "split"), [("official", np.array([0, 2, 2], np.uint8)), ("random", None)])
def test_an_empty_split_is_refused(kind, split):
    count = 3 if kind == "official" else 1
    with pytest.raises(IngestError, match=r"a\.csv: no row is left for"):
        split_codes(table(split, count), kind, 0, "a.csv")
