import os

import pytest

from fer.ingest.report import describe
from fer.ingest.source import read

pytestmark = pytest.mark.skipif("FER2013_CSV" not in os.environ, reason="FER2013_CSV does not name the real file")


@pytest.fixture(scope="module")
def table():
    return read(os.environ["FER2013_CSV"], "error")


def test_the_first_row_is_the_published_one(table):
    assert table.labels[0] == 0
    assert table.images[0, 0, :10].tolist() == [70, 80, 82, 72, 58, 58, 60, 63, 54, 58]


def test_counts_and_duplicates_are_the_known_ones(table):
    report = describe(table, table.split)
    assert [list(counts.values()) for counts in report["counts"].values()] == [
        [3995, 436, 4097, 7215, 4830, 3171, 4965],
        [467, 56, 496, 895, 653, 415, 607],
        [491, 55, 528, 879, 594, 416, 626],
    ]
    duplicates = report["duplicates_without_constant_images"]
    assert (duplicates["groups"], duplicates["surplus_copies"]) == (1517, 1844)
    assert duplicates["PublicTest_with_twin_in_Training"] == 279
    assert duplicates["PrivateTest_with_twin_in_Training"] == 288
