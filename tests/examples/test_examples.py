"""The examples do what they say, as they stand."""

import csv
import importlib
import os
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest

from openfer.data.folders import read_folder
from openfer.emotions import EMOTIONS
from tests.imports import ROOT
from tests.photos import astronaut

EXAMPLES = ROOT / "examples"


def run(name: str, *arguments: object) -> str:
    words = [sys.executable, str(EXAMPLES / name), *map(str, arguments)]
    done = subprocess.run(
        words, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Two seconds of the astronaut."""
    path = tmp_path_factory.mktemp("film") / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480))
    for _ in range(20):
        writer.write(astronaut()[..., ::-1])
    writer.release()
    return path


def test_every_example_is_run_here():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {"crops", "folder", "service", "video", "webcam"}


def test_a_folder_becomes_a_table(tmp_path):
    (tmp_path / "holiday").mkdir()
    shutil.copy(EXAMPLES / "portrait.jpg", tmp_path / "holiday")
    assert "'happy': 1" in run("folder.py", tmp_path / "holiday", tmp_path / "faces.csv")
    (row,) = csv.DictReader((tmp_path / "faces.csv").open(encoding="utf-8", newline=""))
    assert row["emotion"] == "happy"


def test_photographs_become_faces_that_ingest_reads(tmp_path):
    (tmp_path / "photographs" / "train" / "happy").mkdir(parents=True)
    shutil.copy(EXAMPLES / "portrait.jpg", tmp_path / "photographs" / "train" / "happy")
    cv2.imwrite(str(tmp_path / "photographs" / "train" / "happy" / "wall.png"), np.full((99, 99), 99, np.uint8))
    assert "wall.png: left out, 0 faces" in run("crops.py", tmp_path / "photographs", tmp_path / "faces")
    table = read_folder(tmp_path / "faces", "error")
    assert (table.images.shape, list(table.labels)) == ((1, 48, 48), [EMOTIONS.index("happy")])


def test_a_camera_is_told_picture_by_picture(film):
    lines = run("webcam.py", film).splitlines()
    assert len(lines) == 20
    assert all(line.startswith("happy ") for line in lines)


def test_a_film_becomes_a_table_of_two_rows_a_second(film, tmp_path):
    run("video.py", film, tmp_path / "faces.csv")
    rows = list(csv.DictReader((tmp_path / "faces.csv").open(encoding="utf-8", newline="")))
    assert [float(row["seconds"]) for row in rows] == pytest.approx([0, 0.5, 1, 1.5], abs=0.11)
    assert {row["emotion"] for row in rows} == {"happy"}


def test_a_service_answers_in_twenty_lines_and_refuses_what_is_no_picture(monkeypatch):
    client_of = pytest.importorskip("fastapi.testclient", reason="requirements-app.txt is not installed").TestClient
    monkeypatch.syspath_prepend(ROOT)
    client = client_of(importlib.import_module("examples.service").app)
    with (EXAMPLES / "portrait.jpg").open("rb") as file:
        answer = client.post("/faces", files={"file": file})
    assert answer.status_code == 200
    assert [face["emotion"] for face in answer.json()["faces"]] == ["happy"]
    refused = client.post("/faces", files={"file": b"no picture"})
    assert (refused.status_code, refused.json()) == (400, {"detail": "picture: not a picture in a known format"})
    assert (EXAMPLES / "service.py").read_text(encoding="utf-8").count("\n") <= 20
