"""Files: saved whole or not at all, read back as they were, and one line with the path where they are damaged."""

import errno
import hashlib
import os
import re
import resource
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from openfer import files
from openfer.errors import WAY_BACK
from openfer.files import FileError, WriteError, load_array, load_csv, load_json, replacing
from tests.imports import ROOT

ARRAY = np.arange(12, dtype=np.float32).reshape(3, 4)
ROWS = [{"epoch": 1, "note": 'a, "b"'}, {"epoch": 2, "note": "ü"}]


@pytest.fixture
def finished_process() -> int:
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


# --- whole or not at all ---


def test_replacing_puts_the_file_in_place_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "new" / "folder" / "a.txt"
    with replacing(path) as temporary:
        temporary.write_text("whole", encoding="utf-8")
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "whole"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(error), replacing(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise error
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("save", "content"),
    [
        (files.save_array, np.array([{}])),
        (files.save_json, {"a": object()}),
        (files.save_csv, [{"a": 1}, {"b": 2}]),
        (files.save_csv, []),
        (files.save_figure, object()),
    ],
)
def test_what_cannot_be_saved_leaves_nothing_behind(tmp_path, save, content):
    with pytest.raises((TypeError, ValueError, AttributeError, IndexError)):
        save(tmp_path / "file", content)
    assert list(tmp_path.iterdir()) == []


def test_content_and_folder_are_on_the_disk_before_the_file_counts_as_written(tmp_path, monkeypatch):
    synced, path = [], tmp_path / "a.txt"

    def fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        at = next(place for place in (tmp_path, *tmp_path.iterdir()) if os.path.samestat(place.stat(), status))
        synced.append((at, path.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    files.save_text(path, "whole")
    (content, placed_before), (folder, placed_after) = synced
    assert (content.parent, folder) == (tmp_path, tmp_path)
    assert content != path  # still the temporary
    assert (placed_before, placed_after) == (False, True)


def test_a_drive_that_cannot_fsync_a_folder_is_no_error_but_one_that_loses_content_is(tmp_path, monkeypatch):
    def refuses(*, folders_only: bool):
        def fsync(descriptor: int) -> None:
            if not folders_only or os.path.samestat(os.fstat(descriptor), tmp_path.stat()):
                raise OSError(errno.EINVAL, "Invalid argument")

        return fsync

    monkeypatch.setattr(os, "fsync", refuses(folders_only=True))
    files.save_text(tmp_path / "a.txt", "whole")
    monkeypatch.setattr(os, "fsync", refuses(folders_only=False))
    with pytest.raises(OSError, match="Invalid argument"):
        files.save_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "whole"


# --- what killed processes leave ---


def test_temporaries_of_dead_processes_are_cleared_and_those_of_living_ones_kept(tmp_path, finished_process):
    here, elsewhere = files.HERE, "0a1b2c3d"
    dead, alive = (tmp_path / f".{number}@{here}.part.b.npy" for number in (finished_process, os.getppid()))
    own, others = files.temporary_of(tmp_path / "c.npy"), tmp_path / f".{finished_process}@{elsewhere}.part.b.npy"
    notes = tmp_path / f".{finished_process}.notes"
    for path in (dead, alive, own, others, notes):
        path.touch()
    files.save_text(tmp_path / "a.txt", "whole")
    assert sorted(tmp_path.iterdir()) == sorted([alive, own, others, notes, tmp_path / "a.txt"])


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs a clone, in which Git ignores files")
def test_a_killed_process_leaves_a_temporary_that_git_ignores_and_the_next_one_clears(tmp_path):
    code = """
import os, signal, sys
from pathlib import Path
from openfer.files import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    path = tmp_path / "a.txt"
    killed = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, check=False)
    assert killed.returncode < 0
    (left,) = tmp_path.iterdir()
    ignored = subprocess.run(["git", "check-ignore", "--no-index", "-q", f"data/{left.name}"], cwd=ROOT, check=False)
    assert ignored.returncode == 0
    files.save_text(path, "whole")
    assert list(tmp_path.iterdir()) == [path]


# --- what the system refuses ---


def test_a_full_disk_is_one_line_with_the_path_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.npy"
    files.save_array(path, ARRAY)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(WriteError, match=rf"^{re.escape(str(path))} cannot be written: .*is the disk full\?$"):
            files.save_array(path, np.zeros(100_000))
        with pytest.raises(WriteError, match=rf"^{re.escape(str(path))} cannot be written: File too large$"):
            files.save_bytes(path, bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    np.testing.assert_array_equal(load_array(path, np.float32, (3, 4)), ARRAY)
    assert list(tmp_path.iterdir()) == [path]


def test_a_read_only_folder_is_one_line_with_the_path(tmp_path):
    folder = tmp_path / "metrics"
    folder.mkdir(mode=0o555)
    root = os.geteuid() == 0
    if root:  # whom no mode stops
        os.seteuid(65534)
    try:
        with pytest.raises(WriteError, match=r"/metrics/a\.json cannot be written: Permission denied$"):
            files.save_json(folder / "a.json", {})
    finally:
        if root:
            os.seteuid(0)


def test_a_file_in_the_place_of_a_folder_is_one_line_with_the_path(tmp_path):
    (tmp_path / "metrics").touch()
    with pytest.raises(WriteError, match=r"/metrics/a/a\.json cannot be written: Not a directory$"):
        files.save_json(tmp_path / "metrics" / "a" / "a.json", {})


def test_a_folder_in_the_place_of_the_file_is_one_line_with_the_path(tmp_path):
    (tmp_path / "a.json").mkdir()
    with pytest.raises(WriteError, match=r"/a\.json cannot be written: Is a directory$"):
        files.save_json(tmp_path / "a.json", {})
    assert list(tmp_path.iterdir()) == [tmp_path / "a.json"]


def test_an_error_about_another_file_keeps_its_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"input\.txt"), replacing(tmp_path / "a.txt"):
        (tmp_path / "input.txt").read_text(encoding="utf-8")
    with pytest.raises(WriteError, match=r"/folder/b\.txt cannot be written"), replacing(tmp_path / "a.txt"):
        (tmp_path / "folder").touch()
        files.save_text(tmp_path / "folder" / "b.txt", "")
    with pytest.raises(BrokenPipeError), replacing(tmp_path / "a.txt"):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


# --- arrays ---


def test_an_array_comes_back_with_its_type_read_only(tmp_path):
    files.save_array(tmp_path / "a.npy", ARRAY)
    loaded = load_array(tmp_path / "a.npy", np.float32, (None, 4))
    np.testing.assert_array_equal(loaded, ARRAY)
    assert loaded.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        loaded[0] = 1


@pytest.mark.parametrize(
    ("array", "received"),
    [
        (ARRAY.astype(np.float64), "3 × 4 float64"),
        (ARRAY.astype(">f4"), "3 × 4 >f4"),
        (ARRAY[:, :3], "3 × 3 float32"),
        (ARRAY[..., None], "3 × 4 × 1 float32"),
        (ARRAY.ravel(), "12 float32"),
        (ARRAY[:0], "0 × 4 float32"),
    ],
)
def test_an_array_of_another_type_or_shape_is_refused_with_what_it_is(tmp_path, array, received):
    files.save_array(tmp_path / "a.npy", array)
    message = rf"/a\.npy must hold n × 4 float32\. Received: {received}; {WAY_BACK}$"
    with pytest.raises(FileError, match=message):
        load_array(tmp_path / "a.npy", np.float32, (None, 4))


def test_an_array_that_is_too_short_is_refused(tmp_path):
    files.save_array(tmp_path / "a.npy", ARRAY[:2])
    with pytest.raises(FileError, match=r"must hold 3 × 4 float32\. Received: 2 × 4 float32"):
        load_array(tmp_path / "a.npy", np.float32, (3, 4))


def truncated(content: bytes) -> bytes:
    return content[:-4]


def cut_in_the_head(content: bytes) -> bytes:
    return content[:40]


def empty(content: bytes) -> bytes:
    return b""


def text(content: bytes) -> bytes:
    return b"version https://example.org/pointer\noid sha256:0a\n"


def zipped(content: bytes) -> bytes:
    return b"PK\x03\x04" + content


def a_head_that_is_no_python(content: bytes) -> bytes:
    return content.replace(b"'shape': (3,", b"'shape': ((,")


def a_head_without_end(content: bytes) -> bytes:
    return content.replace(b"(3, 4)", b"(3, 4[")


@pytest.mark.parametrize(
    "damage", [truncated, cut_in_the_head, empty, text, zipped, a_head_that_is_no_python, a_head_without_end]
)
def test_a_damaged_array_is_one_line_with_the_path_and_the_way_back(tmp_path, damage):
    path = tmp_path / "a.npy"
    files.save_array(path, ARRAY)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FileError, match=rf"^{re.escape(str(path))} is damaged \(.+\); `dvc checkout`") as error:
        load_array(path, np.float32, (None, 4))
    assert "\n" not in str(error.value)


def test_an_array_with_a_pickle_is_not_opened(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{"code": "any"}]), allow_pickle=True)
    with pytest.raises(FileError, match=r"is damaged \(.*Python objects"):
        load_array(tmp_path / "a.npy", np.float32, (None,))


# --- JSON and CSV ---


def test_json_comes_back_in_its_order_and_ends_with_a_newline(tmp_path):
    content = {"z": 1, "a": {"share": 0.1, "name": "Ekman – 1978"}}
    files.save_json(tmp_path / "a.json", content)
    assert load_json(tmp_path / "a.json") == content
    assert list(load_json(tmp_path / "a.json")) == ["z", "a"]
    assert (tmp_path / "a.json").read_bytes().endswith(b"}\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"a": 1', r"is damaged \(Expecting"),
        (b"", r"is damaged \(Expecting"),
        (b'{"a": "\xff"}', r"is damaged \(.*codec"),
        (b"[1]", r"must hold a mapping\. Received: list"),
    ],
)
def test_damaged_json_is_one_line_with_the_path_and_the_way_back(tmp_path, content, reason):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(FileError, match=rf"/a\.json {reason}.*`dvc checkout`") as error:
        load_json(tmp_path / "a.json")
    assert "\n" not in str(error.value)


def test_csv_comes_back_as_text_with_unix_line_ends(tmp_path):
    files.save_csv(tmp_path / "a.csv", ROWS)
    assert load_csv(tmp_path / "a.csv", ["epoch", "note"]) == [{k: str(v) for k, v in row.items()} for row in ROWS]
    assert (tmp_path / "a.csv").read_bytes().startswith(b"epoch,note\n1,")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no row"),
        ("epoch,accuracy\n", "no row"),
        ("epoch,loss\n1,0.5\n", "no column accuracy"),
        ("epoch,accuracy\n1,0.5\n2\n", "row 3 is cut off"),
        ("epoch,accuracy\n1,0.5\n2,0.7", "row 3 is cut off"),
        ("epoch,accuracy\n1,0.5,9\n2,0.75\n", "row 2 is cut off"),
        ('epoch,accuracy\n1,"0.5\n', "unexpected end of data"),
    ],
)
def test_a_damaged_csv_is_one_line_with_the_path_and_the_way_back(tmp_path, content, reason):
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    with pytest.raises(FileError, match=rf"/a\.csv is damaged \({reason}\); `dvc checkout`"):
        load_csv(tmp_path / "a.csv", ["epoch", "accuracy"])


def test_a_csv_cut_off_anywhere_is_refused_unless_whole_rows_are_gone(tmp_path):
    files.save_csv(tmp_path / "whole.csv", ROWS)
    content = (tmp_path / "whole.csv").read_bytes()
    for length in range(len(content)):
        (tmp_path / "a.csv").write_bytes(content[:length])
        try:
            rows = load_csv(tmp_path / "a.csv", ["epoch", "note"])
        except FileError:
            continue
        assert content[:length].endswith(b"\n")
        assert rows == load_csv(tmp_path / "whole.csv", ["epoch", "note"])[: len(rows)]


@pytest.mark.parametrize(
    "load",
    [
        lambda path: load_array(path, np.uint8, (None,)),
        load_json,
        lambda path: load_csv(path, []),
        files.digest,
    ],
    ids=["array", "json", "csv", "digest"],
)
def test_a_missing_file_is_said_to_be_missing_and_a_folder_cannot_be_read(tmp_path, load):
    with pytest.raises(FileError, match=rf"/a is missing; {WAY_BACK}$"):
        load(tmp_path / "a")
    with pytest.raises(FileError, match=r" cannot be read: Is a directory$"):
        load(tmp_path)


# --- pictures and digests ---


def test_equal_figures_are_equal_files_without_time_or_version(tmp_path):
    for name in ("one.png", "two.png"):
        figure = Figure()
        figure.subplots().plot([1, 3, 2])
        files.save_figure(tmp_path / name, figure)
    content = (tmp_path / "one.png").read_bytes()
    assert content == (tmp_path / "two.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert b"tEXt" not in content


def test_digest_is_that_of_the_content(tmp_path):
    (tmp_path / "a").write_bytes(b"faces")
    assert files.digest(tmp_path / "a") == hashlib.sha256(b"faces").hexdigest()
    assert files.digest(tmp_path / "a", "md5") == hashlib.md5(b"faces").hexdigest()
