import hashlib
import json
import os
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest

from openfer.emotions import EMOTIONS
from sample.demo import set_params
from tests.data.faces import csv_bytes, faces
from tests.imports import ROOT


def run(folder, content=None, split="official", on_bad_row="error", **data):
    for name in ("params.yaml", "versions.yaml"):
        shutil.copy(ROOT / name, folder)
    settings = {"data.source": "faces.csv", "data.split": split, "data.on_bad_row": on_bad_row, "data.seed": 0}
    settings |= {f"data.{name}": value for name, value in data.items()}
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


def written(folder, name):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def test_the_seven_are_written_with_their_members_and_the_report_is_silent_about_them(tmp_path):
    run(tmp_path, csv_bytes(*faces(60)))
    assert written(tmp_path, "data/faces/emotions.json") == {name: [name] for name in EMOTIONS}
    assert not {"emotions", "rows_left_out"} & written(tmp_path, "metrics/data/report.json").keys()


def test_a_subset_is_ingested_in_the_order_of_the_list_and_the_report_says_what_is_left_out(tmp_path):
    images, labels, split = faces(90)
    result = run(tmp_path, csv_bytes(images, labels, split), emotions=["neutral", "happy", "angry"])
    assert (result.returncode, result.stderr) == (0, "")
    kept = np.isin(labels, (6, 3, 0))
    np.testing.assert_array_equal(np.load(tmp_path / "data/faces/images.npy"), images[kept])
    np.testing.assert_array_equal(np.load(tmp_path / "data/faces/split.npy"), split[kept])
    codes = np.array([2, 9, 9, 1, 9, 9, 0], np.uint8)[labels[kept]]
    np.testing.assert_array_equal(np.load(tmp_path / "data/faces/labels.npy"), codes)
    report = written(tmp_path, "metrics/data/report.json")
    left_out = {name: int((labels == EMOTIONS.index(name)).sum()) for name in ("disgust", "fear", "sad", "surprise")}
    assert (report["rows_read"], report["rows_left_out"]) == (90, left_out)
    assert report["counts"]["Training"] == {
        name: int(((codes == code) & (split[kept] == 0)).sum())
        for code, name in enumerate(("neutral", "happy", "angry"))
    }
    assert f"told apart: neutral, happy, angry; left out: {left_out['disgust']:,} disgust" in result.stdout


def test_groups_are_ingested_with_surprise_where_the_user_places_it(tmp_path):
    images, labels, split = faces(60)
    groups = [{"positive": ["happy", "surprise"]}, "neutral", {"negative": ["angry", "disgust", "fear", "sad"]}]
    result = run(tmp_path, csv_bytes(images, labels, split), emotions=groups)
    assert "told apart: positive (happy, surprise), neutral, negative (angry, disgust, fear, sad)" in result.stdout
    assert "left out: nothing" in result.stdout
    expected = np.array([2, 2, 2, 0, 2, 0, 1])[labels]
    np.testing.assert_array_equal(np.load(tmp_path / "data/faces/labels.npy"), expected)
    names = written(tmp_path, "data/faces/emotions.json")
    assert names == {"positive": ["happy", "surprise"], "neutral": ["neutral"], "negative": groups[2]["negative"]}


def test_a_folder_of_pictures_may_have_names_of_its_own(tmp_path):
    for split, value in (("train", 10), ("val", 20), ("test", 30)):
        for number, name in enumerate(("in love", "happy", "sad")):
            place = tmp_path / "mine" / split / name
            place.mkdir(parents=True)
            cv2.imwrite(str(place / "1.png"), np.full((48, 48), value + number, np.uint8))
    result = run(tmp_path, source="mine", emotions=["happy", "in love"])
    assert result.returncode == 0, result.stderr
    assert np.load(tmp_path / "data/faces/images.npy")[:, 0, 0].tolist() == [31, 30, 11, 10, 21, 20]
    assert np.load(tmp_path / "data/faces/labels.npy").tolist() == [0, 1] * 3
    assert written(tmp_path, "metrics/data/report.json")["rows_left_out"] == {"sad": 3}
    refused = run(tmp_path, source="mine")
    assert "in love/1.png: folder emotion: one of angry, " in refused.stderr
    assert "or another name that data.emotions has" in refused.stderr


@pytest.mark.parametrize(
    ("emotions", "message"),
    [
        (["angri", "happy"], "faces.csv holds no face of 'angri', which data.emotions names (is angry meant?)"),
        (["happy"], "params.yaml: data.emotions: must name at least two classes, one alone tells nothing apart"),
        (["sad", "sad"], "params.yaml: data.emotions: sad stands there twice"),
        (["disgust", "happy"], "faces.csv: no face of 'disgust' is left in PrivateTest (20 faces of other classes)"),
        (["disgust", "fear"], "faces.csv: no row is left for PrivateTest (12 rows in all)"),
    ],
)
def test_classes_that_cannot_be_learned_and_measured_are_one_line_and_leave_no_output(tmp_path, emotions, message):
    images, labels, split = faces(60)
    labels[split == 2] = 3  # happy alone in PrivateTest
    for code in (0, 1):
        labels[split == code] = np.arange(20) % 7
    result = run(tmp_path, csv_bytes(images, labels, split), emotions=emotions)
    assert message in result.stderr
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert not (tmp_path / "data").exists()
