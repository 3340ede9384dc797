"""`python -m pipeline.verify` reads every byte, names what is damaged, and the commands that it names bring it back."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from openfer.errors import Refused
from pipeline import verify
from sample.demo import clean_environment
from tests.imports import ROOT

CACHE = Path(".dvc/cache/files/md5")


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def flip(path: Path) -> None:
    """Change one bit, and leave mode and times as they are: nothing shows it but the content."""
    stat = path.stat()
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    with path.open("r+b") as file:  # hard links stay
        file.write(content)
    path.chmod(stat.st_mode)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


NETWORK, WORDS, PICTURES = b"network" * 99, b"words" * 99, {"a/one.png": b"one" * 99, "two.png": b"two" * 99}
LIST = json.dumps([{"md5": md5(content), "relpath": name} for name, content in PICTURES.items()]).encode()


def stage(*outputs: tuple[str, str]) -> dict:
    return {"cmd": "make", "outs": [{"path": path, "hash": "md5", "md5": value, "size": 1} for path, value in outputs]}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Outputs that are hard links into the cache, as DVC makes them, a second lock and a released network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(verify, "_answer", lambda *_: "")
    lock = {"train@cnn": stage(("models/cnn.keras", md5(NETWORK))), "draw": stage(("pictures", f"{md5(LIST)}.dir"))}
    Path("dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": lock}), encoding="utf-8")
    lock = {"words": stage(("data/words.npy", md5(WORDS)))}
    write(Path("data/dvc.lock"), yaml.safe_dump({"schema": "2.0", "stages": lock}).encode())
    places = {"models/cnn.keras": NETWORK, "data/words.npy": WORDS}
    for name, content in (places | {f"pictures/{name}": content for name, content in PICTURES.items()}).items():
        kept = write(verify.object_path(CACHE, md5(content)), content)
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        os.link(kept, name)
    write(verify.object_path(CACHE, f"{md5(LIST)}.dir"), LIST)
    write(verify.object_path(verify.RELEASED, md5(NETWORK)), NETWORK)
    return tmp_path


def lines(capsys, code: int = 1) -> list[str]:
    """What is printed of damage; the last line counts."""
    assert verify.main() == code
    *lines, last = capsys.readouterr().out.splitlines()
    assert code == 0 or last.endswith(f"{len(lines)} damaged")
    return lines


def test_what_is_whole_is_counted_and_hard_links_are_read_once(project, capsys):
    assert lines(capsys, 0) == []
    verify.main()
    printed = capsys.readouterr()
    assert printed.out == "10 files hashed, 0 damaged\n"
    read = 2 * len(NETWORK) + len(WORDS) + len(LIST) + sum(map(len, PICTURES.values()))
    assert f"{read / 1000:.2f}k/{read / 1000:.2f}k" in printed.err  # the released network is a file of its own
    assert "<00:00" in printed.err  # the time left


def test_one_bit_of_an_output_and_of_the_object_that_is_the_same_file(project, capsys):
    flip(Path("data/words.npy"))
    kept = verify.object_path(CACHE, md5(WORDS))
    found = md5(Path("data/words.npy").read_bytes())
    assert lines(capsys) == [
        f"data/words.npy and {kept} damaged, {found} instead of {md5(WORDS)}: "
        f"rm -rf data/words.npy {kept} && dvc repro data/dvc.yaml:words"
    ]


def test_a_released_network_is_fetched_and_not_trained_again(project, capsys):
    flip(Path("models/cnn.keras"))
    (line,) = lines(capsys)
    assert line.endswith(" && dvc pull --force -r released models/cnn.keras")


def test_an_output_alone_comes_back_from_the_cache(project, capsys):
    Path("models/cnn.keras").unlink()
    write(Path("models/cnn.keras"), NETWORK[1:])
    (line,) = lines(capsys)
    assert line.startswith(f"models/cnn.keras damaged, {md5(NETWORK[1:])} instead of {md5(NETWORK)}: ")
    assert line.endswith("rm -rf models/cnn.keras && dvc checkout --force models/cnn.keras")


def test_an_object_alone_comes_back_from_the_output(project, capsys):
    kept = verify.object_path(CACHE, md5(NETWORK))
    kept.unlink()
    write(kept, NETWORK[1:])
    (line,) = lines(capsys)
    assert line.startswith(f"{kept} damaged")
    assert line.endswith(f"rm -rf {kept} && dvc commit --force train@cnn")


def test_a_damaged_object_is_found_though_its_output_is_missing(project, capsys):
    Path("data/words.npy").unlink()
    kept = verify.object_path(CACHE, md5(WORDS))
    flip(kept)
    line, *_ = lines_with_missing(capsys)
    assert line.endswith(f"rm -rf {kept} && dvc repro data/dvc.yaml:words")


def lines_with_missing(capsys) -> list[str]:
    verify.main()
    return capsys.readouterr().out.splitlines()


def test_a_file_in_a_folder_is_named(project, capsys):
    kept = verify.object_path(CACHE, md5(PICTURES["a/one.png"]))
    flip(Path("pictures/a/one.png"))
    (line,) = lines(capsys)
    assert line.startswith(f"pictures/a/one.png and {kept} damaged")
    assert line.endswith(f"rm -rf pictures/a/one.png {kept} && dvc repro draw")


def test_a_file_missing_in_a_folder_and_one_too_many_are_named(project, capsys):
    Path("pictures/two.png").unlink()
    assert lines(capsys) == ["pictures/two.png missing in its folder: dvc checkout --force pictures"]
    os.link(verify.object_path(CACHE, md5(PICTURES["two.png"])), "pictures/two.png")
    write(Path("pictures/__pycache__/x.pyc"), b"")  # DVC does not look at it
    write(Path("pictures/three more.png"), b"three")
    assert lines(capsys) == ["pictures/three more.png in no lock: rm -f 'pictures/three more.png'"]


def test_a_damaged_list_of_a_folder_is_named(project, capsys):
    kept = verify.object_path(CACHE, f"{md5(LIST)}.dir")
    flip(kept)
    (line,) = lines(capsys)
    assert line == f"{kept} damaged, not {md5(LIST)}.dir: rm -rf {kept} && dvc commit --force draw"


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"a": 1}', b"\xff"])
def test_a_folder_is_compared_as_a_whole_where_its_list_is_useless(project, capsys, content):
    kept = verify.object_path(CACHE, f"{md5(LIST)}.dir")
    kept.write_bytes(content)
    flip(Path("pictures/two.png"))
    (line,) = lines(capsys)
    assert line.endswith(f"rm -rf pictures {kept} && dvc repro draw")
    kept.unlink()
    assert lines(capsys)[0].startswith("pictures damaged")


def test_what_git_keeps_comes_back_from_git(project, capsys, monkeypatch):
    whole, name = hashlib.sha1(b"blob %d\0" % len(WORDS) + WORDS).hexdigest(), "data/words.npy"
    keep = "100644 {} 0\t" + name + "\0"
    monkeypatch.setattr(verify, "_answer", lambda program, *_: keep.format(whole) if program == "git" else "")
    flip(Path(name))
    assert lines(capsys)[0].endswith(f": git checkout -- {name}")
    content = Path(name).read_bytes()
    whole = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()  # committed without its lock
    assert ": dvc repro data/dvc.yaml:words (" in lines(capsys)[0]


def test_released_files_are_checked_by_their_names(project, capsys, monkeypatch):
    released = verify.object_path(verify.RELEASED, md5(NETWORK))
    flip(released)
    assert lines(capsys) == [f"{released} damaged: get the project's archive again"]
    monkeypatch.setattr(verify, "_answer", lambda program, *_: f"100644 0 0\t{released}\0" if program == "git" else "")
    assert lines(capsys) == [f"{released} damaged: git checkout -- {released}"]
    released.unlink()  # as DVC does when it finds it damaged
    assert lines(capsys) == [f"{released} deleted: git checkout -- {released}"]


def test_a_fresh_clone_misses_outputs_and_that_is_no_error(project, capsys):
    shutil.rmtree(CACHE)
    shutil.rmtree("pictures")
    Path("models/cnn.keras").unlink()
    printed = lines(capsys, 0)
    assert printed[0] == "2 of 3 outputs are not here, as in a fresh clone: pictures, models/cnn.keras."


@pytest.mark.parametrize("source", ["data/fer2013.csv", "elsewhere/faces.csv"])
def test_the_source_is_read_too(project, capsys, source):
    faces = write(Path(source), b"emotion,pixels,Usage")
    deps = [{"path": source, "md5": md5(faces.read_bytes())}, {"path": "pictures/a", "md5": "0"}]
    deps.append({"path": str(write(Path("code.py"), b"")), "md5": "0"})  # stale, not damaged
    lock = yaml.safe_load(Path("dvc.lock").read_text(encoding="utf-8"))
    lock["stages"]["ingest"] = stage() | {"deps": deps}
    Path("dvc.lock").write_text(yaml.safe_dump(lock), encoding="utf-8")
    assert lines(capsys, 0) == []
    flip(faces)
    (line,) = lines(capsys)
    assert line.startswith(f"{source} damaged")
    assert line.endswith(f"rm -rf {source} && cp YOUR_COPY {source} (if it is another on purpose: dvc repro)")


def test_the_votes_are_the_users_own_too(project, capsys):
    votes = write(Path("data/fer2013new.csv"), b"Usage,Image name")
    lock = {"source": stage(("data/fer2013new.csv", md5(votes.read_bytes())))}
    write(Path("crowd/dvc.lock"), yaml.safe_dump({"schema": "2.0", "stages": lock}).encode())
    flip(votes)
    (line,) = lines(capsys)
    assert "dvc repro crowd" not in line
    assert f"cp YOUR_COPY {votes} " in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_damaged(project, capsys):
    Path("models/cnn.keras").chmod(0)
    assert "Permission denied instead of" in lines(capsys)[0]


def test_without_a_lock_or_with_a_broken_one_there_is_one_line(project):
    for content in ("stages: {a: [\n", "<<<<<<< ours\n", "stages: 1\n"):
        Path("data/dvc.lock").write_text(content, encoding="utf-8")
        with pytest.raises(Refused, match=r"data/dvc\.lock is no "):
            verify.main()
    Path("data/dvc.lock").unlink()
    Path("dvc.lock").unlink()
    with pytest.raises(Refused, match=r"no dvc\.lock here"):
        verify.main()


PIPELINE = """
stages:
  words: {cmd: printf words > words.npy, outs: [words.npy]}
  network: {cmd: printf network > network.keras, outs: [network.keras]}
  scores: {cmd: printf scores > scores.json, outs: [scores.json: {cache: false}]}
  pictures: {cmd: mkdir pictures; printf one > pictures/one; printf two > pictures/two, outs: [pictures]}
  copies: {cmd: printf copy > copy.npy, outs: [copy.npy]}
"""


class Real:
    """A small project with DVC and Git, and the remote of this one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ".dvc").mkdir()
        shutil.copy(ROOT / ".dvc" / "config", folder / ".dvc" / "config")
        (folder / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
        self.run("git init -q && dvc repro -q && dvc push -q -r released network && git add -A")
        self.run("git -c user.name=a -c user.email=a@b commit -qm all")

    def run(self, command: str, code: int = 0) -> str:
        done = subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=clean_environment() | {"PYTHONPATH": str(ROOT)},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def object(self, name: str) -> Path:
        return verify.object_path(self.folder / CACHE, md5((self.folder / name).read_bytes()))

    def verify(self, code: int) -> list[str]:
        return self.run(f"{sys.executable} -m pipeline.verify 2>{os.devnull}", code).splitlines()


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    return Real(tmp_path_factory.mktemp("project"))


def test_the_named_commands_bring_everything_back(real):
    folder, released = real.folder, next(path for path in (real.folder / "released").rglob("*") if path.is_file())
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert real.verify(0) == ["13 files hashed, 0 damaged"]
    own = real.object("copy.npy")
    for name in ("copy.npy", "pictures/two"):  # files of their own, as on a file system without links
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        (folder / name).write_bytes(content)
    two = real.object("pictures/two")
    for path in ("words.npy", "network.keras", "scores.json", "pictures/one", "pictures/two"):
        flip(folder / path)
    flip(own)
    assert two.exists()
    assert "up to date" in real.run("dvc status network words")  # which is why this program is there
    found = real.verify(1)[:-1]
    commands = {line.rpartition(": ")[2].rpartition("&& ")[2] for line in found}
    assert commands == {
        "dvc repro words",
        "dvc pull --force -r released network.keras",
        "git checkout -- scores.json",
        "dvc checkout --force pictures",
        "dvc commit --force copies",
    }
    for line in found:
        real.run(line.rpartition(": ")[2])
    flip(released)
    (line, _) = real.verify(1)
    real.run(line.rpartition(": ")[2])
    assert real.verify(0) == ["13 files hashed, 0 damaged"]
    assert {path: path.read_bytes() for path in before} == before
    assert real.run("git status --porcelain") == ""


def test_pull_refuses_a_damaged_network_of_the_remote_also_when_its_mode_says_that_it_was_checked(real):
    """DVC reads no object again that is read-only, as it leaves one after a pull, unless the remote says verify."""
    released = next(path for path in (real.folder / "released").rglob("*") if path.is_file())
    whole, kept = released.read_bytes(), real.object("network.keras")
    for mode in (0o444, 0o644):
        flip(released)
        released.chmod(mode)
        kept.unlink()
        (real.folder / "network.keras").unlink()
        printed = real.run("dvc pull -r released network.keras", code=1)
        assert "network.keras" in printed
        assert not (real.folder / "network.keras").exists()
        real.run("git checkout -- released")  # also where DVC has deleted it
        assert released.read_bytes() == whole
        real.run("dvc pull -q -r released network.keras")
        assert (real.folder / "network.keras").read_bytes() == whole
