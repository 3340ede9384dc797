"""The page for users of other libraries: each call of ours runs, in the order of the page."""

import re
import shutil

import pytest

from openfer.api.recognizer import Recognizer
from tests.imports import ROOT

PAGE = (ROOT / "docs" / "coming_from.md").read_text(encoding="utf-8")
OURS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def files(tmp_path, monkeypatch):
    (tmp_path / "photos").mkdir()
    for name in ("photo.jpg", "photos/one.jpg", "face.png"):
        shutil.copy(ROOT / "examples" / "portrait.jpg", tmp_path / name)
    monkeypatch.chdir(tmp_path)


def test_every_call_of_ours_runs_and_finds_a_happy_face(files):
    pytest.importorskip("pandas")
    here: dict = {}
    for block in OURS:
        exec(block, here)
    assert isinstance(here["recognize"], Recognizer)
    assert here["faces"][0].emotion == "happy"


def test_each_of_four_libraries_has_its_calls_beside_ours():
    for name in ("deepface", "fer", "ultralytics", "transformers"):
        (section,) = re.findall(rf"^## {name}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
        assert [kind for kind in re.findall(r"```(\w+)", section)] == ["py", "python"], name


def test_files_that_the_page_names_exist():
    for path in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (ROOT / "docs" / path).exists(), path
