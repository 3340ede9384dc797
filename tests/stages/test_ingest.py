import hashlib
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from sample.demo import set_params
from tests.data.faces import csv_bytes, faces
from tests.imports import ROOT


def run(folder, content=None, split="official", on_bad_row="error"):
    for name in ("params.yaml", "versions.yaml"):
        shutil.copy(ROOT / name, folder)
    settings = {"data.source": "faces.csv", "data.split": split, "data.on_bad_row": on_bad_row, "data.seed": 0}
    set_params(folder / "params.yaml", settings)
    if content is not None:
        (folder / "faces.csv").write_bytes(content)
    command = [sys.executable, "-m", "stages.ingest"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_stage_writes_arrays_report_and_sheet(tmp_path):
    images, labels, split = faces(60)
    content = csv_bytes(images, labels, split)
    result = run(tmp_path, content)
    assert (result.returncode, result.stderr) == (0, "")
    assert "60 rows read, 0 skipped" in result.stdout
    for name, expected in (("images", images), ("labels", labels), ("split", split)):
        np.testing.assert_array_equal(np.load(tmp_path / f"data/faces/{name}.npy"), expected)
    report = json.loads((tmp_path / "metrics/data/report.json").read_text())
    assert report["sha256"] == hashlib.sha256(content).hexdigest()
    assert report["md5"] == hashlib.md5(content).hexdigest()
    assert (report["source"], report["recognised_as"], report["split"]) == ("faces.csv", None, "official")
    assert (tmp_path / "metrics/data/samples.png").read_bytes()[:4] == b"\x89PNG"


def test_the_random_split_is_named_in_the_report(tmp_path):
    run(tmp_path, csv_bytes(*faces(50)), split="random")
    report = json.loads((tmp_path / "metrics/data/report.json").read_text())
    assert report["split"] == "random"
    assert list(report["totals"].values()) == [32, 8, 10]


def test_train_csv_of_the_challenge_is_split_at_random(tmp_path):
    images, labels, split = faces(25)
    result = run(tmp_path, csv_bytes(images, labels, split, columns=("emotion", "pixels")), split="random")
    assert result.returncode == 0, result.stderr
    np.testing.assert_array_equal(np.load(tmp_path / "data/faces/images.npy"), images)
    assert np.bincount(np.load(tmp_path / "data/faces/split.npy")).tolist() == [16, 4, 5]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "faces.csv is missing"),
        (csv_bytes(*faces(9)) + b"stray\n", "line 11"),
        (csv_bytes(*faces(2)), "no row is left for"),
        (csv_bytes(*faces(9), columns=("emotion", "pixels")), "no column Usage"),
    ],
)
def test_a_failure_is_one_line_and_leaves_no_output(tmp_path, content, message):
    result = run(tmp_path, content)
    assert message in result.stderr
    assert result.returncode == 1
    assert result.stderr.startswith("ingest: ")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()
    assert not (tmp_path / "metrics").exists()
