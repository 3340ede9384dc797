"""What is listed, and what is written whole, in folders of this machine."""

import os
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="needs requirements-ray.txt")

from pyarrow import fs

from openfer.app.scale import places
from openfer.app.scale.places import PlaceError, Store, listed, listed_films, tops
from openfer.app.scale.tables import from_parquet, parquet, table_of
from openfer.files import WriteError


def test_folders_files_and_patterns_are_listed_in_order_as_the_local_engine_lists_them(photographs, monkeypatch):
    monkeypatch.chdir(photographs)
    inside = ["astronaut.png", "broken.jpg", "notes.txt", "team/hopper.jpg", "wall.png"]
    assert [file for file, _ in listed([photographs])] == [str(photographs / name) for name in inside]
    assert list(listed(["*.png", "team/**/*.jpg"])) == [
        ("astronaut.png", ""),
        ("wall.png", ""),
        ("team/hopper.jpg", ""),
    ]
    assert list(listed([Path("missing.png")])) == [("missing.png", "")]
    assert tops([Path("team"), Path("missing.png"), Path("*.png"), "s3://b/*.png"]) == ["team", ".", "s3://b/*.png"]
    with pytest.raises(PlaceError, match=r"no\*\.png: no file has such a name"):
        list(listed(["no*.png"]))


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """A folder that stands for the bucket "bucket" of an object store."""
    system = fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem())
    monkeypatch.setattr(places, "opened", lambda address: (system, address.removeprefix("s3://")))
    for name in ("a[1].jpg", "a1.jpg", "films/b.mp4", "films/notes.txt", "films/old/c.MOV", "films/b.faces.mp4"):
        (path := tmp_path / "bucket" / name).parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "bucket"


def test_brackets_in_the_name_of_an_object_are_no_pattern_where_there_is_such_an_object(bucket):
    assert list(listed(["s3://bucket/a[1].jpg"])) == [("s3://bucket/a[1].jpg", "")]
    assert list(listed(["s3://bucket/a[0-9].jpg"])) == [("s3://bucket/a1.jpg", "")]


def test_films_in_folders_and_below_addresses_are_known_by_their_names_and_may_be_patterns(bucket, capsys):
    remote = ["s3://bucket/films/b.mp4", "s3://bucket/films/old/c.MOV"]
    assert [address for address, _ in listed_films(["s3://bucket/films"])] == remote
    assert [address for address, _ in listed_films(["s3://bucket/films/*.mp4"])] == remote[:1]
    assert [address for address, _ in listed_films(["s3://bucket/films/notes.txt"])] == ["s3://bucket/films/notes.txt"]
    with pytest.raises(PlaceError, match=r"s3://bucket/\*\.jpg: no object there has the name of a film"):
        list(listed_films(["s3://bucket/*.jpg"]))
    here = [bucket / "films" / "b.mp4", bucket / "films" / "old" / "c.MOV"]
    assert [Path(file) for file, _ in listed_films([bucket / "films"])] == here
    assert [Path(file) for file, _ in listed_films([bucket / "*" / "b.m*"])] == here[:1]
    with pytest.raises(PlaceError, match="no file has such a name"):
        list(listed_films([bucket / "*.mkv"]))


def test_a_file_of_results_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    store = Store(tmp_path / "out")
    assert (store.read("a"), store.names("rows")) == (None, set())
    store.write("rows/a", b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("openfer.files._to_disk", full)
    with pytest.raises(WriteError):
        store.write("rows/a", b"new")
    assert (store.read("rows/a"), store.names("rows")) == (b"old", {"a"})


def test_rows_have_types_and_names_that_are_no_text_become_one():
    name = os.fsdecode(b"a \xff.png")
    rows = [{"file": name, "face": 1, "unsure": True, "happy": 0.5}, {"file": "b", "error": f"{name} is lost"}]
    found = from_parquet(parquet(table_of(rows, ("file", "face", "unsure", "happy", "error"))))
    assert found.to_pylist() == [
        {"file": "a \\udcff.png", "face": 1, "unsure": True, "happy": 0.5, "error": None},
        {"file": "b", "face": None, "unsure": None, "happy": None, "error": "a \\udcff.png is lost"},
    ]
