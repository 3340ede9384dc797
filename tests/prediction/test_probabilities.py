"""The table of probabilities: what Git holds is what comes back."""

import numpy as np
import pytest

from openfer import files as artifacts
from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.prediction.probabilities import read, table


def test_a_table_comes_back_from_its_file_to_four_digits(tmp_path):
    averaged = np.random.default_rng(1).dirichlet(np.ones(7), 5)
    single = np.array([6, 0, 3, 3, 1])
    artifacts.save_csv(tmp_path / "probabilities.csv", table(np.arange(100, 105), averaged, single))
    rows = artifacts.load_csv(tmp_path / "probabilities.csv")
    assert list(rows[0]) == ["row", *EMOTIONS, "single_view"]
    assert [row["row"] for row in rows] == ["100", "101", "102", "103", "104"]
    found = read(rows, np.arange(100, 105))
    np.testing.assert_allclose(found.averaged, averaged, atol=5.1e-5)
    np.testing.assert_array_equal(found.single, single)
    with pytest.raises(Refused, match="5 faces, not of the 5"):
        read(rows, np.arange(101, 106))
