"""What a worker reads, without Ray."""

import dataclasses
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="needs requirements-ray.txt")

from pyarrow import fs

from openfer.app.scale import places, worker
from openfer.app.scale.places import UnreachableError
from openfer.app.scale.worker import Job, Reader, model_files
from openfer.faces.pictures import PictureError


@pytest.fixture
def reader(model, photographs):
    files = model_files(model)
    return Reader(
        Job("photo", ("file", "face", "error"), files, "yunet", 24, False, None, None, {"crop": False}, 0,
            str(photographs), ("team",))
    )  # fmt: skip


def test_names_are_those_that_the_user_gave_wherever_the_worker_runs(reader):
    found = reader([("team/hopper.jpg", ""), ("broken.jpg", ""), ("pipe", "a pipe"), ("gone.jpg", "")]).to_pylist()
    assert found == [
        {"file": "team/hopper.jpg", "face": 1, "error": None},
        {"file": "broken.jpg", "face": None, "error": "not a picture in a known format"},
        {"file": "pipe", "face": None, "error": "a pipe"},
        {"file": "gone.jpg", "face": None, "error": "No such file or directory"},
    ]


def test_a_host_that_does_not_see_what_was_named_says_so_instead_of_refusing_every_file(reader, photographs):
    assert reader.unseen() == ""
    reader.job = dataclasses.replace(reader.job, tops=("team", "elsewhere"))
    assert reader.unseen() == f"{photographs / 'elsewhere'} is not there"


def test_a_worker_runs_the_network_on_one_core(reader):
    assert reader.predictor.model.session.get_session_options().intra_op_num_threads == 1


ESTALE = OSError(errno.ESTALE, "Stale file handle")
STORE = "When reading information for key 'x' in bucket 'b': AWS Error {} during GetObject operation: no more said"
CODES = ("NETWORK_CONNECTION", "SERVICE_UNAVAILABLE", "INTERNAL_FAILURE", "SLOW_DOWN", "UNKNOWN (HTTP status 503)")


@pytest.mark.parametrize("passing", [ESTALE, *(OSError(STORE.format(code)) for code in CODES)])
def test_what_cannot_be_reached_for_a_moment_is_read_all_the_same(reader, passing, monkeypatch):
    read, waited, tries = worker.read_reduced, [], iter([passing, passing])

    def faulty(*told):
        if error := next(tries, None):
            raise PictureError("team/hopper.jpg: " + str(error)) from error
        return read(*told)

    monkeypatch.setattr(worker, "read_reduced", faulty)
    monkeypatch.setattr(places.time, "sleep", waited.append)
    assert reader([("team/hopper.jpg", "")])["face"].to_pylist() == [1]
    assert waited == list(places.PAUSES[:2])


def test_what_stays_out_of_reach_is_no_row_of_the_results(reader, monkeypatch):
    def stale(*_):
        raise ESTALE

    monkeypatch.setattr(worker, "read_reduced", stale)
    monkeypatch.setattr(places.time, "sleep", lambda _: None)
    with pytest.raises(
        UnreachableError, match=r"^team/hopper\.jpg cannot be reached: \[Errno \d+\] Stale file handle$"
    ):
        reader([("team/hopper.jpg", "")])


@pytest.mark.parametrize("code", ["ACCESS_DENIED", "NO_SUCH_KEY", "UNKNOWN (HTTP status 403)"])
def test_what_an_object_store_refuses_for_good_is_a_row(reader, code, monkeypatch):
    def refused(_):
        raise OSError(STORE.format(code))

    monkeypatch.setattr(worker, "content", refused)
    (error,) = reader([("s3://bucket/x", "")])["error"].to_pylist()
    assert f"AWS Error {code}" in error


def test_the_name_of_a_file_says_nothing_of_whether_it_can_be_reached(reader, tmp_path):
    folder = tmp_path / "AWS Error SLOW_DOWN"
    folder.mkdir()
    (folder / "broken.jpg").write_bytes(b"no picture")
    names = [str(folder / "broken.jpg"), str(folder / "gone.jpg")]
    errors = reader([(name, "") for name in names])["error"].to_pylist()
    assert errors == ["not a picture in a known format", "No such file or directory"]


def test_a_host_that_sees_what_was_named_only_at_the_second_try_sees_it(reader, monkeypatch):
    tries, waited = iter([ESTALE]), []
    look = Path.lstat

    def lstat(path):
        if error := next(tries, None):
            raise error
        return look(path)

    monkeypatch.setattr(places.time, "sleep", waited.append)
    monkeypatch.setattr(Path, "lstat", lstat)
    assert reader.unseen() == ""
    assert waited == [places.PAUSES[0]]


def test_a_film_of_an_object_store_that_is_down_for_a_moment_is_loaded_all_the_same(monkeypatch):
    tries = iter([OSError(STORE.format("SLOW_DOWN"))])

    def load(address, path):
        if error := next(tries, None):
            raise error
        path.write_bytes(b"film")

    monkeypatch.setattr(worker, "_load", load)
    monkeypatch.setattr(places.time, "sleep", lambda _: None)
    with worker.local("s3://bucket/film.mp4", "") as path:
        assert path.read_bytes() == b"film"


def test_a_film_that_a_killed_worker_has_loaded_goes_when_the_next_one_loads_another(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(worker, "_load", lambda address, path: path.write_bytes(b"film"))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, other = tmp_path / f"openfer-film-{ended.pid}-x", tmp_path / f"openfer-film-{os.getppid()}-x"
    left.mkdir()
    other.mkdir()
    with worker.local("s3://bucket/film.mp4", "") as path:
        assert path.read_bytes() == b"film"
        assert not left.exists()
    assert list(tmp_path.iterdir()) == [other]


def test_an_object_that_is_far_too_large_for_a_picture_is_not_loaded(reader, monkeypatch, tmp_path):
    with (tmp_path / "large.jpg").open("wb") as file:
        file.truncate(places.MOST_BYTES + 1)
    monkeypatch.setattr(places, "opened", lambda _: (fs.LocalFileSystem(), str(tmp_path / "large.jpg")))
    error = reader([("s3://bucket/large.jpg", "")])["error"].to_pylist()
    assert error == ["1,073,741,825 bytes are more than a picture may have (1,073,741,824)"]
