"""docs/pictures.py: the pictures in README.md are what the program draws today."""

import cv2
import numpy as np

from docs import pictures
from tests.imports import ROOT


def test_the_pictures_of_the_program_in_the_readme_are_what_it_draws(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "FOLDER", tmp_path)
    pictures.main()
    for name in ("astronaut.jpg", "timeline.png"):
        drawn, shown = (cv2.imread(str(folder / name)) for folder in (tmp_path, ROOT / "docs" / "pictures"))
        assert drawn.shape == shown.shape
        assert np.abs(drawn.astype(int) - shown).mean() < 2, f"{name}: python -m docs.pictures"
