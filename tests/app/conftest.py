"""A small model for the program, exported once."""

from pathlib import Path

import pytest

from tests.export.models import write_model


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an exported model of random weights."""
    return write_model(tmp_path_factory.mktemp("model"))
