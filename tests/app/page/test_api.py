"""The page for programs, by the commands of the README."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from openfer.app.frames import Writer
from tests.app.page.served import post
from tests.imports import ROOT
from tests.photos import astronaut

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path) -> Path:
    Image.fromarray(astronaut()).save(tmp_path / "portrait.jpg")
    return tmp_path


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readmes_curl_finds_a_happy_astronaut(page, folder):
    (line,) = re.findall(r"^curl .*/api/photo.*$", README, re.MULTILINE)
    answer = json.loads(run(folder, "sh", "-c", line.replace("http://127.0.0.1:7860", page.url)))
    (face,) = answer["faces"]
    assert (face["emotion"], face["unsure"], answer["width"]) == ("happy", False, 640)


def test_the_readmes_python_finds_a_happy_astronaut(page, folder):
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "/api/photo" in block]
    said = run(folder, sys.executable, "-c", code.replace("http://127.0.0.1:7860", page.url))
    assert said.startswith("happy False [")


def test_a_film_is_answered_with_its_people(page, tmp_path):
    writer = Writer(tmp_path / "film.mp4", 10, (640, 480))
    for _ in range(4):
        writer.write(astronaut())
    writer.close()
    status, content = post(f"{page.url}/api/video", (tmp_path / "film.mp4").read_bytes())
    (person,) = json.loads(content)["people"]
    assert (status, person["emotion"], person["frames"]) == (200, "happy", 4)


@pytest.mark.parametrize("what", ["photo", "video"])
@pytest.mark.parametrize("content", [b"", b"not a picture", bytes(1000)])
def test_what_cannot_be_read_is_400_with_the_reason_and_without_a_path(page, what, content):
    status, said = post(f"{page.url}/api/{what}", content)
    assert status == 400
    assert json.loads(said)["error"].startswith("the file cannot be read: ") and b"/" not in said


def test_a_picture_without_a_face_is_an_answer_without_faces(page, tmp_path):
    Image.fromarray(np.full((200, 300, 3), 90, np.uint8)).save(tmp_path / "wall.png")
    status, said = post(f"{page.url}/api/photo", (tmp_path / "wall.png").read_bytes())
    assert (status, json.loads(said)["faces"]) == (200, [])
