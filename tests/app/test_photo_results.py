"""Where the results of photographs go, what the program prints at the end, and that nothing is overwritten."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from PIL import Image

from openfer.app import photo
from openfer.app.cli import main
from openfer.faces.pictures import read_picture
from tests.app.test_photo import lines, picture_of, rows
from tests.imports import ROOT
from tests.photos import astronaut, grace_hopper


def test_charts_are_drawn_on_request(model, tmp_path):
    picture_of(astronaut(), grace_hopper()).save(tmp_path / "a.png")
    out = tmp_path / "out"
    assert main(["photo", str(tmp_path / "a.png"), "--charts", "--model", str(model), "--out", str(out)]) == 0
    assert {path.name for path in out.glob("*.png")} == {"a.png.face-1.png", "a.png.face-2.png"}
    assert read_picture(out / "a.png.face-1.png").size


def test_the_last_line_says_what_was_done_and_where_the_results_are(photographs, model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("expressions", "expressions-2"):
        assert main(["photo", str(photographs), "--model", str(model)]) == 1
        last = capsys.readouterr().out.splitlines()[-1]
        assert re.fullmatch(rf"3 pictures, 2 faces \(\d unsure\), 2 skipped; results in {name}", last)
    assert main(["photo", str(photographs), "--json", "--model", str(model)]) == 1
    assert re.match(r"3 pictures, 2 faces \(\d unsure\), 2 skipped$", capsys.readouterr().err.splitlines()[-1])
    assert {path.name for path in tmp_path.iterdir()} == {"expressions", "expressions-2"}


def test_a_name_mistyped_leaves_no_folder(model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["photo", "portrit.jpg", "--model", str(model)]) == 2
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().out == "0 pictures, 0 faces (0 unsure), 1 skipped\n"


def test_results_of_an_earlier_run_are_neither_overwritten_nor_judged(model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(grace_hopper()).save("a.jpg")
    command = ["photo", ".", "--model", str(model)]
    for out in ("beside", "expressions", "expressions-2"):
        assert main([*command, "--out", out] if out == "beside" else command) == 0
        assert list(lines(tmp_path / out)) == ["a.jpg"]
    before = (tmp_path / "beside" / "faces.csv").read_bytes()
    assert main([*command, "--out", "beside"]) == 2
    assert "beside/faces.jsonl is there from an earlier run; choose another --out" in capsys.readouterr().err
    assert (tmp_path / "beside" / "faces.csv").read_bytes() == before


def test_a_file_of_the_user_is_never_overwritten(model, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png.faces.jpg").write_text("mine")
    Image.new("RGB", (300, 300)).save(tmp_path / "a.png")
    assert main(["photo", str(tmp_path / "a.png"), "--model", str(model), "--out", str(out)]) == 2
    assert "a.png.faces.jpg is there already" in capsys.readouterr().err
    assert (out / "a.png.faces.jpg").read_text() == "mine"


def test_a_name_that_is_a_formula_is_none_in_the_table(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (300, 300)).save("=HYPERLINK(1).png")
    assert main(["photo", "=HYPERLINK(1).png", "--model", str(model), "--out", "out"]) == 0
    (row,) = rows(tmp_path / "out")
    assert row["file"] == "./=HYPERLINK(1).png" and Path(row["file"]).exists()
    (line,) = (tmp_path / "out" / "faces.jsonl").read_text().splitlines()
    assert json.loads(line)["file"] == "=HYPERLINK(1).png"


def test_many_crops_bring_a_hint_at_the_option_for_them(model, tmp_path, capsys):
    for number in range(3):
        Image.new("L", (48, 48), number).save(tmp_path / f"{number}.png")
    command = ["photo", str(tmp_path), "--json", "--model", str(model)]
    assert main(command) == 0
    assert "3 pictures of at most 96 × 96 pixels" in capsys.readouterr().err
    assert main([*command, "--crop"]) == 0
    assert "--crop" not in capsys.readouterr().err


def test_the_base_install_is_enough(model, tmp_path):
    """Matplotlib comes with the pipeline."""
    picture_of(astronaut(), grace_hopper()).save(tmp_path / "a.png")
    code = "import sys; sys.modules['matplotlib'] = None; from openfer.app.cli import run; run()"
    pair = [str(tmp_path / "a.png")] * 2
    command = [
        sys.executable,
        "-c",
        code,
        "photo",
        *pair,
        "--charts",
        "--model",
        str(model),
        "--out",
        str(tmp_path / "o"),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert (tmp_path / "o" / "overview.png").exists() and (tmp_path / "o" / "a-2.png.face-1.png").exists()


def test_pictures_of_one_name_have_results_of_their_own(model, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        Image.fromarray(grace_hopper()).save(tmp_path / folder / "a.jpg")
    command = ["photo", str(tmp_path / "one"), str(tmp_path / "two" / "a.jpg"), str(tmp_path), "--model", str(model)]
    out = tmp_path / "results"
    assert main([*command, "--out", str(out)]) == 0
    found = {str(path.relative_to(out)) for path in out.rglob("*.faces.jpg")}
    assert found == {"a.jpg.faces.jpg", "a-2.jpg.faces.jpg", "one/a.jpg.faces.jpg", "two/a.jpg.faces.jpg"}
    assert len((out / "faces.jsonl").read_text().splitlines()) == 4


def test_results_may_lie_beside_the_pictures_and_are_no_pictures_themselves(model, tmp_path):
    for name in ("a.jpg", "b.jpg"):
        Image.fromarray(grace_hopper()).save(tmp_path / name)
    command = ["photo", str(tmp_path), "--charts", "--model", str(model), "--out"]
    assert main([*command, str(tmp_path)]) == 0
    assert main([*command, str(tmp_path / "again")]) == 0
    assert list(lines(tmp_path / "again")) == ["a.jpg", "b.jpg"]


def test_ctrl_c_leaves_whole_files(photographs, model, tmp_path, monkeypatch):
    save = photo._save

    def interrupted(path, *rest):
        if path.name == "wall.png":
            raise KeyboardInterrupt
        return save(path, *rest)

    monkeypatch.setattr(photo, "_save", interrupted)
    out = tmp_path / "out"
    assert main(["photo", str(photographs), "--model", str(model), "--out", str(out)]) == 130
    assert list(lines(out)) == ["astronaut.png", "broken.jpg", "notes.txt", "hopper.jpg"]
    assert not list(out.rglob(".*"))


def test_a_picture_whose_results_cannot_be_written_is_reported_and_the_rest_done(photographs, model, tmp_path, capsys):
    wide = tmp_path / "wide.png"
    Image.new("L", (70_000, 8)).save(wide)  # more than a JPEG can be
    out = tmp_path / "out"
    assert main(["photo", str(wide), str(photographs / "wall.png"), "--model", str(model), "--out", str(out)]) == 1
    assert "wide.png: the results cannot be written" in capsys.readouterr().err
    assert (out / "wall.png.faces.jpg").exists()


def test_a_name_that_is_no_text_is_no_error(model, tmp_path):
    picture = os.fsdecode(os.fsencode(tmp_path) + b"/wall\xff.png")
    Image.new("RGB", (90, 90)).save(tmp_path / "wall.png")
    (tmp_path / "wall.png").rename(picture)
    command = [sys.executable, "-m", "openfer", "photo", picture, "--model", str(model), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0].endswith("wall\\udcff.png: no face")
    assert list((tmp_path / "out").glob("*.faces.jpg"))


def test_who_reads_the_first_line_alone_ends_it_quietly(photographs, model):
    command = [
        sys.executable,
        "-m",
        "openfer",
        "photo",
        *[str(photographs / "wall.png")] * 40,
        "--json",
        "--model",
        str(model),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert json.loads(running.stdout.readline())["faces"] == []
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode in (0, 141)
