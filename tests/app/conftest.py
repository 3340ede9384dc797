"""A small model for the program, exported once."""

from pathlib import Path

import pytest

from tests.faces.test_predictor import write


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an exported model of random weights."""
    return write(tmp_path_factory.mktemp("model"))
