"""Which pictures are meant: files, and all that lies in and below folders, whatever it is called."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from openfer.app import records
from openfer.faces.pictures import is_folder

LINES, TABLE, OVERVIEW = "faces.jsonl", "faces.csv", "overview.png"
"""Names of the results of a run, beside those of its pictures."""

RESULT = re.compile(rf"\.(faces\.jpg|face-\d+\.png)|{LINES}|{TABLE}|{OVERVIEW}")
"""How the names of the files end that the program writes."""

FOLDER = re.compile(rf"{records.OUT.name}(-\d+)?")
"""How the folders are called that the program makes for its results."""

BELONGINGS = {"thumbs.db", "desktop.ini"}
"""What Windows keeps in folders of pictures; other systems begin such names with a dot."""


class Found(NamedTuple):
    """A file that is to be read.

    Attributes:
        name: of its results: its path below what was named, numbered where another file has it.
        file: its path.
        reason: why it cannot be read, where that is known already.
    """

    name: Path
    file: Path
    reason: str = ""


def picture_files(named: Iterable[Path]) -> Iterator[Found]:
    """Yield every file that is named, and every file in and below a folder.

    In folders, hidden files and results of earlier runs are passed over.
    """
    taken: set[Path] = set()
    for found in _found(named):
        yield found._replace(name=records.free_name(found.name, taken))


def _found(named: Iterable[Path]) -> Iterator[Found]:
    for path in named:
        if not is_folder(path):
            yield Found(Path(path.name), path)
            continue
        inside = sorted(_inside(path), key=lambda found: found.file)
        yield from inside or [Found(Path(path.name), path, "the folder holds no picture")]


def _inside(top: Path) -> Iterator[Found]:
    """Yield what lies in and below a folder, in the order of the system."""
    failed: list[OSError] = []
    for name, below, files in os.walk(top, onerror=failed.append):
        folder = Path(name)
        if folder != top and FOLDER.fullmatch(folder.name) and _holds_results(folder):
            below.clear()
            continue
        own = any((parent / LINES).exists() for parent in _up_to(folder, top))
        for file in files:
            if not (_hidden(file) or (own and RESULT.search(file))):
                yield Found((folder / file).relative_to(top), folder / file, _special(folder / file))
        below[:] = [one for one in below if not _hidden(one)]
        for one in below:
            if (folder / one).is_symlink():
                reason = "a link to a folder, which is followed only where it is named itself"
                yield Found((folder / one).relative_to(top), folder / one, reason)
    for error in failed:
        path = Path(error.filename)
        yield Found(path.relative_to(top) if path != top else Path(top.name), path, error.strerror or str(error))


def _up_to(folder: Path, top: Path) -> list[Path]:
    """Return a folder and those above it, up to `top`."""
    return [folder, *(parent for parent in folder.parents if parent.is_relative_to(top))]


def _hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in BELONGINGS


def _holds_results(folder: Path) -> bool:
    """Tell whether a run has written there, of photographs or of films; that of a killed one is hidden, and counts."""
    return any(folder.glob("*.jsonl"))


def _special(file: Path) -> str:
    """Return why a file that lies in a folder is not opened: to read a pipe is to wait for who writes it."""
    try:
        mode = file.stat().st_mode
    except OSError:
        return ""  # reading it says what is wrong
    return "" if stat.S_ISREG(mode) else "no file, but a pipe, a socket or a device"
