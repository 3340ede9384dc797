"""`python -m pipeline.dataset`, as the README calls it, and what it refuses."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from openfer.data.classes import SEVEN
from openfer.emotions import EMOTIONS
from openfer.files import load_csv, save_array, save_json
from pipeline import dataset, paths
from tests.data.faces import faces
from tests.imports import ROOT

README = re.findall(
    r"python -m pipeline\.dataset (.*?) *(?:#.*)?$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
)
COUNT = 30


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """A project with faces, dense SIFT, and features of another system."""
    monkeypatch.chdir(tmp_path)
    images, labels, split = faces(COUNT)
    for path, array in ((paths.IMAGES, images), (paths.LABELS, labels), (paths.SPLIT, split)):
        save_array(path, array)
    save_json(paths.EMOTIONS, SEVEN)
    values = np.random.default_rng(0).random((COUNT, 2, 4))
    save_array(paths.descriptor_path("dsift"), values.astype(np.float16))
    save_array(paths.descriptor_path("sift"), values.astype(np.float16))
    save_array(paths.feature_path("hog"), values[:, 1].astype(np.float32))
    return tmp_path


def run(*arguments: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": os.fspath(ROOT)}
    command = [sys.executable, "-m", "pipeline.dataset", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_readme_shows_all_three_forms():
    assert {re.search(r"--as (\w+)", line)[1] for line in README} == {"images", "npy", "csv"}


@pytest.mark.parametrize("line", README)
def test_the_commands_of_the_readme_work(line):
    done = run(*line.split())
    assert done.returncode == 0, done.stderr
    folder, form = line.split()[0], re.search(r"--as (\w+)", line)[1]
    assert f"{COUNT} faces of {', '.join(EMOTIONS)} in {folder}" in done.stdout
    files = [path for path in (paths.DATA.parent / folder).rglob("*") if path.is_file()]
    assert len([path for path in files if path.suffix == {"images": ".png"}.get(form, f".{form}")]) >= 1


def test_all_features_that_there_are_are_written_without_those_of_mirror_images(project):
    dataset.main(project / "out", "csv")
    assert sorted(path.name for path in (project / "out").iterdir()) == ["dsift.csv", "hog.csv", "sift.csv"]
    expected = np.load(paths.descriptor_path("dsift"))[:, 0]
    rows = load_csv(project / "out" / "dsift.csv", ["dsift0"])
    np.testing.assert_array_equal([np.float32(row["dsift0"]) for row in rows], expected[:, 0].astype(np.float32))
    rows = load_csv(project / "out" / "hog.csv", ["hog3"])
    np.testing.assert_array_equal([np.float32(row["hog3"]) for row in rows], np.load(paths.feature_path("hog"))[:, 3])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("data --as images", "dataset: data is there already: choose another name, or delete it"),
        ("out --as csv --features hogg", "dataset: --features must be of sift, dsift, hog. Received: hogg"),
        ("out --as images --labels index", "--labels goes with --as npy. Received: --as images"),
        ("out --as npy --features hog", "--features goes with --as csv. Received: --as npy"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(project, arguments, message):
    done = run(*arguments.split())
    assert done.returncode in (1, 2)
    assert done.stderr.splitlines()[-1].endswith(message)
    assert "Traceback" not in done.stderr
    assert [path.name for path in project.iterdir()] == ["data"]


def test_damaged_features_leave_no_table_behind(project):
    save_array(paths.feature_path("hog"), np.zeros((COUNT - 1, 3), np.float32))
    done = run("out", "--as", "csv")
    assert "dataset: data/baselines/hog.npy must be about 30 faces. Received: 29" in done.stderr
    assert [path.name for path in project.iterdir()] == ["data"]


def test_without_features_and_without_faces_it_says_which_command_makes_them(project):
    for path in (paths.descriptor_path("sift"), paths.descriptor_path("dsift"), paths.feature_path("hog")):
        path.unlink()
    assert "there are no features yet: `dvc repro dsift sift_histograms` makes some" in run("o", "--as", "csv").stderr
    paths.IMAGES.unlink()
    assert "dataset: data/faces/images.npy is missing; `dvc checkout` or `dvc repro`" in run("o", "--as", "npy").stderr
