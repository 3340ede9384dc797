"""Which films are meant: every file that is named, every film of a folder, and what is left out is told."""

from pathlib import Path

from openfer.app.film_files import film_files


def test_a_folder_gives_its_films_in_order_and_names_what_it_leaves_out(tmp_path, capsys):
    (tmp_path / "trip" / "day 2").mkdir(parents=True)
    for name in ("b.MOV", "a.mp4", "day 2/c.y4m", "a.jpg", "b.JPG", "README", "a.mp4.faces.mp4"):
        (tmp_path / "trip" / name).touch()
    found = [(str(name), str(file.relative_to(tmp_path))) for name, file in film_files([tmp_path / "trip"])]
    assert found == [("a.mp4", "trip/a.mp4"), ("b.MOV", "trip/b.MOV"), ("day 2/c.y4m", "trip/day 2/c.y4m")]
    line = "left out, no films by their names: 1 .faces.mp4, 2 .jpg, 1 without an ending\n"
    assert capsys.readouterr().err == f"{tmp_path / 'trip'}: {line}"


def test_a_file_that_is_named_is_taken_whatever_it_is_called_and_names_are_told_apart(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.mp4").touch()
    named = [Path("clip"), Path("a.mp4"), tmp_path / "x", Path("y/a.mp4")]
    assert [str(name) for name, _ in film_files(named)] == ["clip", "a.mp4", "a-2.mp4", "a-3.mp4"]


def test_hidden_films_are_left_out_those_of_the_trash_and_of_a_mac_too(tmp_path, capsys):
    for name in ("a.mp4", "._a.mp4", ".Trash-1000/files/old.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [str(name) for name, _ in film_files([tmp_path])] == ["a.mp4"]
    assert capsys.readouterr().err == ""
    assert [str(name) for name, _ in film_files([tmp_path / "._a.mp4"])] == ["._a.mp4"]


def test_an_empty_folder_comes_itself_so_that_it_is_named(tmp_path):
    assert list(film_files([tmp_path])) == [(Path(tmp_path.name), tmp_path)]
