"""Hash everything that the locks of DVC name, and say what is damaged and which command brings it back.

    python -m pipeline.verify

DVC trusts sizes and times: it hands out a damaged object of its cache and calls the result up to date. Here every byte
is read: outputs in their place, the objects of the cache, and those of released/, whose names are their MD5.
"""

# ruff: noqa: T201  (a program: what it prints is what it is for)
import hashlib
import json
import shlex
import subprocess
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from openfer.errors import Refused
from pipeline.params import read_yaml

RELEASED = Path("released/files/md5")
"""The remote of DVC that Git keeps."""

SOURCE = "data/dvc.yaml:fer2013"
"""The stage of the source of the faces."""

OWN = {SOURCE, "crowd/dvc.yaml:source"}
"""Stages that make nothing: their outputs are the user's own."""

CHUNK = 1 << 20
"""Bytes that are read at a time."""


@dataclass(frozen=True)
class Output:
    """What a lock names: path, MD5 (of a folder with `.dir` at its end), stage as `dvc repro` takes it."""

    path: Path
    md5: str
    stage: str

    @property
    def is_folder(self) -> bool:
        """Whether DVC keeps it as a list of files."""
        return self.md5.endswith(".dir")


@dataclass(frozen=True)
class Found:
    """What is there.

    Attributes:
        cache: folder of the objects of DVC's cache.
        digests: path of each file that is there → its MD5, or why it cannot be read.
        tracked: path of each file that Git keeps → its object there, the SHA-1 of a head and the content.
    """

    cache: Path
    digests: dict[Path, str]
    tracked: dict[Path, str]

    def damaged(self, path: Path, md5: str) -> bool:
        """Tell whether a file is there and not what it should be."""
        return path in self.digests and not self.whole(path, md5)

    def whole(self, path: Path, md5: str) -> bool:
        """Tell whether a file is there and what it should be."""
        return self.digests.get(path) == md5.removesuffix(".dir")


def outputs() -> list[Output]:
    """Return what dvc.lock and the locks in folders below it name, and the source of the faces wherever it lies.

    Raises:
        Refused: no lock names anything, or one is no YAML.
    """
    main, found, sources = Path("dvc.lock"), [], []
    for lock in sorted({main, *Path().glob("[!.]*/**/dvc.lock")}):
        prefix = "" if lock == main else f"{lock.with_suffix('.yaml').as_posix()}:"
        for name, stage in _stages(lock).items():
            found += [Output(Path(out["path"]), out["md5"], prefix + name) for out in stage.get("outs", [])]
            deps = [dep for dep in stage.get("deps", []) if name == "ingest" and not dep["path"].endswith(".py")]
            sources += [Output(Path(dep["path"]), dep["md5"], SOURCE) for dep in deps]
    if not found:
        raise Refused("no dvc.lock here names an output: run this in the project's folder, after `dvc repro`")
    made = {output.path for output in found}
    return found + [source for source in sources if not made & {source.path, *source.path.parents}]


def _stages(lock: Path) -> dict[str, Any]:
    content = read_yaml(lock) if lock.exists() else {}
    stages = content.get("stages", {}) if isinstance(content, dict) else None
    if not isinstance(stages, dict):
        raise Refused(f"{lock} is no lock of DVC: `git checkout -- {lock}` brings it back")
    return stages


def object_path(store: Path, md5: str) -> Path:
    """Return where a cache or a remote of DVC keeps what has an MD5."""
    return store / md5[:2] / md5[2:]


def pieces(output: Output, cache: Path) -> dict[Path, str]:
    """Return the files of an output with their MD5; none of a folder of which the cache holds no whole list."""
    if not output.is_folder:
        return {output.path: output.md5}
    try:
        listed = json.loads(object_path(cache, output.md5).read_bytes())
        return {output.path / one["relpath"]: one["md5"] for one in listed}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def files_at(path: Path) -> list[Path]:
    """Return the files in and below a folder, or the file itself; those that DVC does not look at are left out."""
    found = path.rglob("*") if path.is_dir() else [path]
    return [one for one in found if one.is_file() and "__pycache__" not in one.parts]


def hashed(files: Collection[Path]) -> dict[Path, str]:
    """Return the MD5 of each file, or why it cannot be read; a file with several names is read once."""
    stats = {path: path.stat() for path in files}
    same = {path: (stat.st_dev, stat.st_ino) for path, stat in stats.items()}
    total = sum({same[path]: stat.st_size for path, stat in stats.items()}.values())
    known: dict[tuple[int, int], str] = {}
    with tqdm(total=total, desc="Hashing", unit="B", unit_scale=True) as bar:
        for path, inode in same.items():
            if inode not in known:
                known[inode] = _md5(path, bar)
    return {path: known[inode] for path, inode in same.items()}


def _md5(path: Path, bar: tqdm) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                bar.update(len(chunk))
    except OSError as error:
        return str(error.strerror)
    return digest.hexdigest()


def find(named: list[Output]) -> Found:
    """Read whatever is there of what the locks name, of the cache and of released/."""
    cache = Path(_answer(sys.executable, "-m", "dvc", "cache", "dir").strip() or ".dvc/cache", "files", "md5")
    cache = cache.relative_to(Path.cwd()) if cache.is_relative_to(Path.cwd()) else cache
    files = set(files_at(RELEASED))
    for output in named:
        kept = [object_path(cache, md5) for md5 in (*pieces(output, cache).values(), output.md5)]
        files.update(files_at(output.path), (path for path in kept if path.is_file()))
    return Found(cache, hashed(sorted(files)), _tracked())


def _tracked() -> dict[Path, str]:
    lines = _answer("git", "ls-files", "--stage", "-z").split("\0")  # mode, object, stage, tab, path
    return {Path(name): facts.split()[1] for facts, tab, name in (line.partition("\t") for line in lines) if tab}


def _as_in_git(path: Path, sha1: str) -> bool:
    if not path.is_file():
        return False
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == sha1


def _answer(*command: str) -> str:
    """Return what a program prints; nothing where it fails or is not installed."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def faults(output: Output, found: Found) -> Iterator[str]:
    """Yield a line for whatever of an output is damaged: what, and the command that brings it back."""
    known, whole = pieces(output, found.cache), True
    for path, md5 in known.items():
        wrong = [one for one in (path, object_path(found.cache, md5)) if found.damaged(one, md5)]
        if wrong:
            what = f"damaged, {found.digests[wrong[0]]} instead of {md5}"
            yield f"{_listed(wrong)} {what}: {way_back(output, path, md5, wrong, found)}"
        elif output.path.is_dir() and path not in found.digests:
            yield f"{path} missing in its folder: {way_back(output, path, md5, [], found)}"
        whole = whole and not wrong and path in found.digests
    if output.is_folder:
        yield from _faults_as_a_whole(output, found, known if whole else None)


def _faults_as_a_whole(output: Output, found: Found, known: Collection[Path] | None) -> Iterator[str]:
    """Yield what the files of a folder, one by one, do not show.

    Args:
        output: a folder.
        found: what is there.
        known: the files that it should hold; None if something is wrong with one of them.
    """
    kept = object_path(found.cache, output.md5)
    wrong = [kept] if found.damaged(kept, output.md5) else []
    if known is not None and output.path.is_dir() and folder_md5(output.path, found) != output.md5:
        more = sorted(set(files_at(output.path)) - set(known)) if known else []
        if more:
            yield f"{_listed(more)} in no lock: rm -f {shlex.join(map(str, more))}"
        else:
            wrong.insert(0, output.path)
    if wrong:
        way = way_back(output, output.path, output.md5, wrong, found)
        yield f"{_listed(wrong)} damaged, not {output.md5}: {way}"


def _listed(paths: Collection[Path]) -> str:
    return " and ".join(map(str, paths))


def folder_md5(folder: Path, found: Found) -> str:
    """Return the MD5 that DVC gives to a folder: that of a list of its files."""
    listed = [{"md5": found.digests[path], "relpath": path.relative_to(folder).as_posix()} for path in files_at(folder)]
    listed.sort(key=lambda one: one["relpath"])
    return hashlib.md5(json.dumps(listed, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def way_back(output: Output, path: Path, md5: str, wrong: list[Path], found: Found) -> str:
    """Return the command that brings back a file of an output.

    Args:
        output: that the file belongs to, or is.
        path: of the file.
        md5: of the file.
        wrong: what has to be deleted: the file, its object in the cache, or both.
        found: what is there.
    """
    kept = {name: sha1 for name, sha1 in found.tracked.items() if name.is_relative_to(path)}
    if kept and not all(_as_in_git(*one) for one in kept.items()):
        return f"git checkout -- {shlex.quote(str(path))}"
    if kept:
        return f"dvc repro {output.stage} (it is as Git has it: the lock is of another run)"
    target = shlex.quote(str(output.path))
    if path.exists() and path not in wrong:
        then = f"dvc commit --force {output.stage}"
    elif found.whole(object_path(found.cache, md5), md5):
        then = f"dvc checkout --force {target}"
    elif output.stage in OWN:
        then = f"cp YOUR_COPY {target} (if it is another on purpose: dvc repro)"
    elif found.whole(object_path(RELEASED, md5), md5):
        then = f"dvc pull --force -r released {target}"
    else:
        then = f"dvc repro {output.stage}"
    return f"rm -rf {shlex.join(map(str, wrong))} && {then}" if wrong else then


def released_faults(found: Found) -> Iterator[str]:
    """Yield a line for whatever of released/ is damaged, or deleted although Git keeps it."""
    for path in sorted(path for path in {*found.digests, *found.tracked} if path.is_relative_to(RELEASED)):
        if not found.whole(path, path.parent.name + path.name):
            way = f"git checkout -- {path}" if path in found.tracked else "get the project's archive again"
            yield f"{path} {'damaged' if path in found.digests else 'deleted'}: {way}"


def main() -> int:
    """Print what is damaged and what is missing; return 1 if anything is damaged."""
    named = outputs()
    found = find(named)
    lines = [*(line for output in named for line in faults(output, found)), *released_faults(found)]
    print(*lines, sep="\n", end="\n" if lines else "")
    missing = [str(output.path) for output in named if not output.path.exists()]
    if missing:
        print(f"{len(missing)} of {len(named)} outputs are not here, as in a fresh clone: {', '.join(missing)}.")
        print("`dvc pull -r released` brings those that are published, `dvc repro` makes the others.")
    print(f"{len(found.digests):,} files hashed, {len(lines)} damaged")
    return 1 if lines else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Refused, OSError) as error:
        sys.exit(f"verify: {error}")
