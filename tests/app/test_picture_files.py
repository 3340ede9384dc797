"""Every file of a folder is meant, whatever it is called; what the program wrote and what is hidden is not."""

import os

import pytest

from openfer.app.picture_files import picture_files


def found(*named) -> list[tuple[str, str]]:
    return [(str(one.name), one.reason) for one in picture_files(named)]


def fill(folder, *names) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_pictures_by_any_ending_and_files_of_other_kinds_are_found(tmp_path):
    names = ["a.HEIC", "b.dng", "c.jfif", "d.jp2", "e.pgm", "f", "g.txt", "h/i.jpg"]
    fill(tmp_path, *names)
    assert found(tmp_path) == [(name, "") for name in names]


def test_hidden_files_and_what_windows_keeps_are_passed_over(tmp_path):
    fill(tmp_path, ".DS_Store", ".git/a.png", "Thumbs.db", "Desktop.ini", "a.png")
    assert found(tmp_path) == [("a.png", "")]


def test_a_hidden_file_that_is_named_is_meant(tmp_path):
    assert found(tmp_path / ".a.png") == [(".a.png", "")]


@pytest.mark.parametrize("mark", ["faces.jsonl", ".12@0a1b2c3d.part.faces.jsonl", "frames.jsonl"])
def test_a_folder_of_results_is_passed_over_and_one_of_pictures_with_its_name_is_not(tmp_path, mark):
    fill(tmp_path, "expressions/a.png.faces.jpg", f"expressions/{mark}", "expressions-2/b.png", "expressions-old/c.png")
    assert found(tmp_path) == [("expressions-2/b.png", ""), ("expressions-old/c.png", "")]


def test_results_beside_pictures_are_passed_over_and_only_there(tmp_path):
    own = ["faces.jsonl", "faces.csv", "overview.png", "a.png.faces.jpg", "a.png.face-12.png", "below/b.png.faces.jpg"]
    fill(tmp_path / "run", *own, "a.png")
    fill(tmp_path / "user", "overview.png", "x.faces.jpg", "faces.csv")
    assert found(tmp_path / "run") == [("a.png", "")]
    assert len(found(tmp_path / "user")) == 3


def test_pictures_that_are_called_nearly_like_results_are_found(tmp_path):
    names = ["city-overview.png", "surfaces.csv.png", "faces.jpg", "trip/overview.png", "trip/faces.csv"]
    fill(tmp_path, "faces.jsonl", "faces.csv", "overview.png", *names)
    assert [name for name, _ in found(tmp_path)] == sorted(names)


def test_an_empty_folder_and_one_of_hidden_files_are_named(tmp_path):
    assert found(tmp_path) == [(tmp_path.name, "the folder holds no picture")]
    fill(tmp_path, ".hidden")
    assert found(tmp_path) == [(tmp_path.name, "the folder holds no picture")]


def test_two_files_of_one_name_have_results_of_different_names(tmp_path):
    fill(tmp_path, "one/a.png", "two/a.png", "a-2.png")
    names = [name for name, _ in found(tmp_path / "one", tmp_path / "a-2.png", tmp_path / "two")]
    assert names == ["a.png", "a-2.png", "a-3.png"] or len(set(names)) == 3


def test_links_to_folders_and_pipes_are_named_and_not_followed(tmp_path):
    fill(tmp_path, "real/a.png")
    (tmp_path / "real" / "loop").symlink_to(tmp_path)
    (tmp_path / "real" / "gone.png").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "real" / "pipe.png")
    reasons = dict(found(tmp_path / "real"))
    assert list(reasons) == ["a.png", "gone.png", "loop", "pipe.png"]
    assert "a link to a folder" in reasons["loop"] and "a pipe" in reasons["pipe.png"]
    assert reasons["a.png"] == reasons["gone.png"] == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_below_that_may_not_be_read_is_named(tmp_path):
    fill(tmp_path, "closed/a.png", "b.png")
    (tmp_path / "closed").chmod(0)
    try:
        assert found(tmp_path) == [("b.png", ""), ("closed", "Permission denied")]
    finally:
        (tmp_path / "closed").chmod(0o700)
