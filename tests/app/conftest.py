"""A small model for the program, exported once, and photographs."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.export.models import write_model
from tests.photos import astronaut, grace_hopper


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an exported model of random weights."""
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two portraits, one in a folder below, an empty scene, a broken file, a text, and hidden files."""
    path = tmp_path_factory.mktemp("photos")
    (path / "team").mkdir()
    Image.fromarray(astronaut()).save(path / "astronaut.png")
    Image.fromarray(grace_hopper()).save(path / "team" / "hopper.jpg")
    Image.fromarray(np.full((90, 120, 3), 80, np.uint8)).save(path / "wall.png")
    (path / "broken.jpg").write_bytes(b"no picture")
    (path / "notes.txt").write_text("no picture either")
    (path / ".DS_Store").write_bytes(b"hidden")
    (path / "Thumbs.db").write_bytes(b"hidden")
    return path
