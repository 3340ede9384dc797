"""Photographs from the command line: results of each face, one line for what cannot be read, exit codes."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from openfer.app.cli import main
from openfer.emotions import EMOTIONS
from openfer.faces import pictures
from openfer.faces.pictures import read_picture
from tests.photos import astronaut, grace_hopper


@pytest.fixture(scope="module")
def done(photographs, model, tmp_path_factory):
    """Where the results of the photographs are, and the exit code."""
    out = tmp_path_factory.mktemp("results") / "out"
    return out, main(["photo", str(photographs), "--model", str(model), "--out", str(out)])


def lines(out) -> dict[str, dict]:
    records = map(json.loads, (out / "faces.jsonl").read_text(encoding="utf-8").splitlines())
    return {record["file"].rsplit("/", 1)[-1]: record for record in records}


def rows(out) -> list[dict[str, str]]:
    with (out / "faces.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def picture_of(*faces: np.ndarray) -> Image.Image:
    """Portraits side by side."""
    return Image.fromarray(np.hstack([face[:480] for face in faces]))


def test_every_file_of_a_folder_and_below_has_a_line_but_hidden_ones(done):
    found = lines(done[0])
    assert {name: len(record.get("faces", [])) for name, record in found.items()} == {
        "astronaut.png": 1,
        "broken.jpg": 0,
        "hopper.jpg": 1,
        "notes.txt": 0,
        "wall.png": 0,
    }


def test_a_broken_file_is_reported_the_rest_done_and_the_exit_code_is_1(done):
    out, code = done
    assert code == 1
    assert lines(out)["broken.jpg"]["error"].endswith("broken.jpg: not a picture in a known format")


def test_the_table_has_a_row_a_face_and_one_of_every_file_without(done):
    found = rows(done[0])
    assert [(row["file"].rsplit("/", 1)[1], row["face"], row["error"]) for row in found] == [
        ("astronaut.png", "1", ""),
        ("broken.jpg", "", "not a picture in a known format"),
        ("notes.txt", "", "not a picture in a known format"),
        ("hopper.jpg", "1", ""),
        ("wall.png", "", ""),
    ]
    assert sum(float(found[0][name]) for name in EMOTIONS) == pytest.approx(1, abs=1e-3)


def test_faces_are_marked_in_a_copy(done):
    out = done[0]
    marked = read_picture(out / "astronaut.png.faces.jpg")
    assert marked.shape == astronaut().shape
    assert np.abs(marked.astype(int) - astronaut()).max() > 100
    assert (out / "team" / "hopper.jpg.faces.jpg").exists()
    assert not list(out.rglob(".*"))


def test_several_pictures_have_an_overview_and_one_has_none(done, model, tmp_path):
    assert read_picture(done[0] / "overview.png").shape[1] > 500
    Image.fromarray(astronaut()).save(tmp_path / "a.png")
    main(["photo", str(tmp_path / "a.png"), "--model", str(model), "--out", str(tmp_path / "out")])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.png.faces.jpg", "faces.jsonl", "faces.csv"}


def test_faces_are_numbered_from_left_to_right(model, tmp_path, capsys):
    picture_of(astronaut(), grace_hopper(), astronaut()).save(tmp_path / "a.png")
    out = tmp_path / "out"
    assert main(["photo", str(tmp_path / "a.png"), "--json", "--model", str(model), "--out", str(out)]) == 0
    told = [face["box"][0] for face in json.loads(capsys.readouterr().out)["faces"]]
    assert len(told) > 1 and told == sorted(told)
    assert [(float(row["left"]), row["face"]) for row in rows(out)] == [
        (left, str(number)) for number, left in enumerate(told, start=1)
    ]


def test_of_a_jpeg_that_is_read_reduced_places_are_those_of_the_file(model, tmp_path, monkeypatch, capsys):
    large = Image.fromarray(astronaut()).resize((1280, 960))
    large.save(tmp_path / "a.jpg", quality=95)
    boxes = []
    for most in (10_000_000, 1_000_000):
        monkeypatch.setattr(pictures, "MOST_PIXELS", most)
        assert main(["photo", str(tmp_path / "a.jpg"), "--json", "--model", str(model)]) == 0
        line = json.loads(capsys.readouterr().out)
        assert (line["width"], line["height"]) == (1280, 960)
        boxes.append(line["faces"][0]["box"])
    np.testing.assert_allclose(*boxes, atol=25)


def test_pictures_of_every_kind_in_a_folder_are_read_and_the_others_named(model, tmp_path, capsys):
    pillow_heif = pytest.importorskip("pillow_heif")
    picture = Image.fromarray(astronaut())
    for name, kind in (("a.jpg", "JPEG"), ("b.jfif", "JPEG"), ("c.pgm", "PPM"), ("d.jp2", "JPEG2000"), ("e", "PNG")):
        (picture.convert("L") if kind == "PPM" else picture).save(tmp_path / name, kind)
    pillow_heif.from_pillow(picture).save(tmp_path / "f.HEIC")
    picture.save(tmp_path / "g.dng", "TIFF", tiffinfo={50706: b"\1\4\0\0"})
    assert main(["photo", str(tmp_path), "--json", "--model", str(model)]) == 1
    told = {Path(line["file"]).name: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert [len(told[name]["faces"]) for name in ("a.jpg", "b.jfif", "c.pgm", "d.jp2", "e", "f.HEIC")] == [1] * 6
    assert "raw data of a camera" in told["g.dng"]["error"]


def test_json_goes_to_the_terminal_and_nothing_is_written(photographs, model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["photo", "--json", "--valence", "--model", str(model), str(photographs / "astronaut.png")]) == 0
    (face,) = json.loads(capsys.readouterr().out)["faces"]
    assert set(face["valence_probabilities"]) == {"positive", "neutral", "negative"}
    assert list(tmp_path.iterdir()) == []


def test_a_face_crop_is_judged_whole(model, tmp_path, capsys):
    crop = np.random.default_rng(0).integers(0, 256, (96, 96), np.uint8)
    Image.fromarray(crop).save(tmp_path / "crop.png")
    assert main(["photo", "--json", "--crop", "--model", str(model), str(tmp_path / "crop.png")]) == 0
    (face,) = json.loads(capsys.readouterr().out)["faces"]
    assert face["box"] == [0, 0, 96, 96]


def test_a_name_too_long_for_a_file_is_reported_and_the_rest_done(photographs, model, capsys):
    assert main(["photo", "--json", "--model", str(model), "x" * 300, str(photographs / "wall.png")]) == 1
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["error"].endswith("File name too long")
    assert second["faces"] == []


def test_a_link_to_nowhere_in_a_folder_is_reported_and_the_rest_done(model, tmp_path, capsys):
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    Image.new("RGB", (90, 90)).save(tmp_path / "wall.png")
    assert main(["photo", "--json", "--model", str(model), str(tmp_path)]) == 1
    assert ["error" in json.loads(line) for line in capsys.readouterr().out.splitlines()] == [True, False]


def test_a_picture_without_a_face_has_a_row(model, tmp_path):
    Image.new("RGB", (300, 300)).save(tmp_path / "wall.png")
    out = tmp_path / "out"
    assert main(["photo", str(tmp_path / "wall.png"), "--model", str(model), "--out", str(out)]) == 0
    header, row = (out / "faces.csv").read_text().splitlines()
    assert header.startswith("file,face,left,top") and header.endswith(",neutral,error")
    assert row.strip(",") == str(tmp_path / "wall.png")


def test_where_no_picture_can_be_read_the_exit_code_is_2(photographs, model, capsys):
    assert (
        main(["photo", "--json", "--model", str(model), str(photographs / "broken.jpg"), str(photographs / "none.jpg")])
        == 2
    )
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


def test_an_empty_folder_is_reported_and_the_rest_done(photographs, model, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    out = tmp_path / "out"
    pictures = [str(tmp_path / "empty"), str(photographs / "wall.png")]
    assert main(["photo", *pictures, "--model", str(model), "--out", str(out)]) == 1
    printed = capsys.readouterr()
    assert "empty: the folder holds no picture" in printed.err
    assert printed.out.splitlines()[0].endswith("wall.png: no face")
