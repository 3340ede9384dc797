"""Photographs from the command line: results of each face, one line for what cannot be read, exit codes."""

import csv
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from openfer.app import photo
from openfer.app.cli import main
from openfer.faces.pictures import read_picture
from tests.imports import ROOT
from tests.photos import astronaut, grace_hopper


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of two portraits, one in a folder below, an empty scene, a broken file and a text."""
    path = tmp_path_factory.mktemp("photos")
    (path / "team").mkdir()
    Image.fromarray(astronaut()).save(path / "astronaut.png")
    Image.fromarray(grace_hopper()).save(path / "team" / "hopper.jpg")
    Image.fromarray(np.full((90, 120, 3), 80, np.uint8)).save(path / "wall.png")
    (path / "broken.jpg").write_bytes(b"no picture")
    (path / "notes.txt").write_text("not asked")
    return path


@pytest.fixture(scope="module")
def done(folder, model, tmp_path_factory):
    """Where the results of the folder are, and the exit code."""
    out = tmp_path_factory.mktemp("results") / "out"
    return out, main(["photo", str(folder), "--model", str(model), "--out", str(out)])


def lines(out) -> dict[str, dict]:
    records = map(json.loads, (out / "faces.jsonl").read_text(encoding="utf-8").splitlines())
    return {record["file"].rsplit("/", 1)[1]: record for record in records}


def test_every_picture_of_a_folder_and_below_has_a_line(done):
    found = lines(done[0])
    assert {name: len(record.get("faces", [])) for name, record in found.items()} == {
        "astronaut.png": 1,
        "broken.jpg": 0,
        "hopper.jpg": 1,
        "wall.png": 0,
    }


def test_a_broken_file_is_reported_the_rest_done_and_the_exit_code_is_1(done):
    out, code = done
    assert code == 1
    assert lines(out)["broken.jpg"]["error"].endswith("broken.jpg: not a picture in a known format")


def test_the_table_has_a_row_a_face(done):
    with (done[0] / "faces.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"].rsplit("/", 1)[1] for row in rows] == ["astronaut.png", "hopper.jpg"]
    assert [row["face"] for row in rows] == ["1", "1"]
    assert sum(float(rows[0][name]) for name in photo.records.EMOTIONS) == pytest.approx(1, abs=1e-3)


def test_faces_are_marked_in_a_copy_and_charted(done):
    out = done[0]
    marked = read_picture(out / "astronaut.png.faces.jpg")
    assert marked.shape == astronaut().shape
    assert np.abs(marked.astype(int) - astronaut()).max() > 100
    assert read_picture(out / "astronaut.png.face-1.png").size
    assert (out / "team" / "hopper.jpg.faces.jpg").exists()
    assert not list(out.rglob(".*"))


def test_json_goes_to_the_terminal_and_nothing_is_written(folder, model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["photo", "--json", "--group", "--model", str(model), str(folder / "astronaut.png")]) == 0
    (face,) = json.loads(capsys.readouterr().out)["faces"]
    assert set(face["groups"]) == {"positive", "neutral", "negative"}
    assert list(tmp_path.iterdir()) == []


def test_a_face_crop_is_judged_whole(model, tmp_path, capsys):
    crop = np.random.default_rng(0).integers(0, 256, (96, 96), np.uint8)
    Image.fromarray(crop).save(tmp_path / "crop.png")
    assert main(["photo", "--json", "--crop", "--model", str(model), str(tmp_path / "crop.png")]) == 0
    (face,) = json.loads(capsys.readouterr().out)["faces"]
    assert face["box"] == [0, 0, 96, 96]


def test_pictures_of_one_name_have_results_of_their_own_which_the_next_run_does_not_judge(model, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        Image.fromarray(grace_hopper()).save(tmp_path / folder / "a.jpg")
    command = ["photo", str(tmp_path / "one"), str(tmp_path / "two" / "a.jpg"), str(tmp_path), "--model", str(model)]
    out = tmp_path / "results"
    for _ in range(2):
        assert main([*command, "--out", str(out)]) == 0
        found = {str(path.relative_to(out)) for path in out.rglob("*.faces.jpg")}
        assert found == {"a.jpg.faces.jpg", "a-2.jpg.faces.jpg", "one/a.jpg.faces.jpg", "two/a.jpg.faces.jpg"}
        assert len((out / "faces.jsonl").read_text().splitlines()) == 4


def test_results_may_lie_beside_the_pictures(model, tmp_path):
    Image.fromarray(grace_hopper()).save(tmp_path / "a.jpg")
    for _ in range(2):
        assert main(["photo", str(tmp_path), "--model", str(model), "--out", str(tmp_path)]) == 0
        assert list(lines(tmp_path)) == ["a.jpg"]


def test_a_name_too_long_for_a_file_is_reported_and_the_rest_done(folder, model, capsys):
    assert main(["photo", "--json", "--model", str(model), "x" * 300, str(folder / "wall.png")]) == 1
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["error"].endswith("File name too long")
    assert second["faces"] == []


def test_a_link_to_nowhere_in_a_folder_is_reported_and_the_rest_done(folder, model, tmp_path, capsys):
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    Image.new("RGB", (90, 90)).save(tmp_path / "wall.png")
    assert main(["photo", "--json", "--model", str(model), str(tmp_path)]) == 1
    assert ["error" in json.loads(line) for line in capsys.readouterr().out.splitlines()] == [True, False]


def test_pictures_without_a_face_leave_a_table_with_a_header_alone(model, tmp_path):
    Image.new("RGB", (90, 90)).save(tmp_path / "wall.png")
    out = tmp_path / "out"
    assert (
        main(["photo", str(tmp_path / "wall.png"), "--surprise", "positive", "--model", str(model), "--out", str(out)])
        == 0
    )
    (header,) = (out / "faces.csv").read_text().splitlines()
    assert header.startswith("file,face,left,top") and header.endswith(",group positive,group neutral,group negative")


def test_where_no_picture_can_be_read_the_exit_code_is_2(folder, model, capsys):
    assert main(["photo", "--json", "--model", str(model), str(folder / "broken.jpg"), str(folder / "none.jpg")]) == 2
    assert [bool(json.loads(line)["error"]) for line in capsys.readouterr().out.splitlines()] == [True, True]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["photo", "{empty}", "--model", "{model}"], "the folder holds no picture"),
        (["photo", "{empty}", "--model", "{empty}"], "model.json: No such file or directory; --model wants"),
        (["photo", "{model}/model.json", "--model", "{model}", "--out", "{model}/model.json"], "File exists"),
    ],
)
def test_where_nothing_can_be_done_one_line_says_why(arguments, message, model, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    places = {"empty": tmp_path, "model": model}
    assert main([argument.format(**places) for argument in arguments]) == 2
    printed = capsys.readouterr().err.strip()
    assert message in printed
    assert "\n" not in printed


def test_ctrl_c_leaves_whole_files(folder, model, tmp_path, monkeypatch):
    save = photo._save

    def interrupted(path, *rest):
        if path.name == "wall.png":
            raise KeyboardInterrupt
        save(path, *rest)

    monkeypatch.setattr(photo, "_save", interrupted)
    out = tmp_path / "out"
    assert main(["photo", str(folder), "--model", str(model), "--out", str(out)]) == 130
    assert list(lines(out)) == ["astronaut.png", "broken.jpg", "hopper.jpg"]
    assert not list(out.rglob(".*"))


def test_an_empty_folder_is_reported_and_the_rest_done(folder, model, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    out = tmp_path / "out"
    pictures = [str(tmp_path / "empty"), str(folder / "wall.png")]
    assert main(["photo", *pictures, "--model", str(model), "--out", str(out)]) == 1
    printed = capsys.readouterr()
    assert "empty: the folder holds no picture" in printed.err
    assert printed.out.endswith("wall.png: no face\n")


def test_a_picture_whose_results_cannot_be_written_is_reported_and_the_rest_done(folder, model, tmp_path, capsys):
    wide = tmp_path / "wide.png"
    Image.new("L", (70_000, 8)).save(wide)  # more than a JPEG can be
    out = tmp_path / "out"
    assert main(["photo", str(wide), str(folder / "wall.png"), "--model", str(model), "--out", str(out)]) == 1
    assert "wide.png: the results cannot be written" in capsys.readouterr().err
    assert (out / "wall.png.faces.jpg").exists()


def test_charts_of_faces_that_are_no_longer_there_go(model, tmp_path):
    picture, out = tmp_path / "a.png", tmp_path / "out"
    for faces in ([astronaut(), grace_hopper()[:480]], [astronaut()]):
        Image.fromarray(np.hstack(faces)).save(picture)
        assert main(["photo", str(picture), "--model", str(model), "--out", str(out)]) == 0
        assert len(list(out.glob("a.png.face-*.png"))) == len(faces)


def test_a_name_that_is_no_text_is_no_error(model, tmp_path):
    picture = os.fsdecode(os.fsencode(tmp_path) + b"/wall\xff.png")
    Image.new("RGB", (90, 90)).save(tmp_path / "wall.png")
    (tmp_path / "wall.png").rename(picture)
    command = [sys.executable, "-m", "openfer", "photo", picture, "--model", str(model), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("wall\\udcff.png: no face\n")
    assert list((tmp_path / "out").glob("*.faces.jpg"))


def test_who_reads_the_first_line_alone_ends_it_quietly(folder, model):
    command = [
        sys.executable,
        "-m",
        "openfer",
        "photo",
        *[str(folder / "wall.png")] * 40,
        "--json",
        "--model",
        str(model),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert json.loads(running.stdout.readline())["faces"] == []
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode in (0, 141)
