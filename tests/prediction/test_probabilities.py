"""The table of probabilities: what Git holds is what comes back."""

import numpy as np
import pytest

from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.files import load_csv, save_csv
from openfer.prediction.probabilities import columns, read, table

ROWS = np.arange(100, 105)


@pytest.fixture
def rows():
    averaged = np.random.default_rng(1).dirichlet(np.ones(7), 5)
    return table(ROWS, averaged, np.array([6, 0, 3, 3, 1]))


def test_a_table_comes_back_from_its_file_to_four_digits(tmp_path):
    averaged = np.random.default_rng(1).dirichlet(np.ones(7), 5)
    single = np.array([6, 0, 3, 3, 1])
    save_csv(tmp_path / "probabilities.csv", table(ROWS, averaged, single))
    rows = load_csv(tmp_path / "probabilities.csv", columns())
    assert list(rows[0]) == ["row", *EMOTIONS, "single_view"]
    assert [row["row"] for row in rows] == ["100", "101", "102", "103", "104"]
    found = read(rows, ROWS, "probabilities.csv")
    np.testing.assert_allclose(found.averaged, averaged, atol=5.1e-5)
    np.testing.assert_array_equal(found.single, single)


def test_a_table_of_other_faces_is_refused(rows):
    with pytest.raises(Refused, match=r"p\.csv must be about the 5 faces of the split\. Received: 5 others"):
        read(rows, ROWS + 1, "p.csv")
    with pytest.raises(Refused, match="Received: 4 others"):
        read(rows[:4], ROWS, "p.csv")


@pytest.mark.parametrize(
    ("name", "value"), [("happy", "a lot"), ("happy", ""), ("happy", "nan"), ("happy", "1.2"), ("happy", "-0.1")]
)
def test_what_is_no_probability_is_refused_with_the_name_of_the_file(rows, name, value):
    rows[2][name] = value
    with pytest.raises(Refused, match=r"^p\.csv .*`dvc checkout`"):
        read(rows, ROWS, "p.csv")


@pytest.mark.parametrize(("name", "value"), [("single_view", "bored"), ("row", "first"), ("row", "")])
def test_what_is_no_emotion_or_no_row_is_refused_with_the_name_of_the_file(rows, name, value):
    rows[2][name] = value
    with pytest.raises(Refused, match=r"^p\.csv is damaged"):
        read(rows, ROWS, "p.csv")
