"""What a folder of pictures means: all that lies in and below it, whatever it is called, but no results of ours."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

OUT = "expressions"
"""How a folder of results is called unless the user says otherwise; those after it have numbers."""

LINES, TABLE, OVERVIEW = "faces.jsonl", "faces.csv", "overview.png"
"""Names of the results of a run over pictures, beside those of each picture."""

OF_ONE = re.compile(r".+\.(faces\.jpg|face-\d+\.png)")
"""Names of the results of one picture: a.jpg.faces.jpg, a.jpg.face-1.png."""

FOLDER = re.compile(rf"{OUT}(-\d+)?")

BELONGINGS = {"thumbs.db", "desktop.ini"}
"""What Windows keeps in folders of pictures; other systems begin such names with a dot."""


def inside(top: Path) -> Iterator[tuple[Path, str]]:
    """Yield (path, why it cannot be read, where that is known already) of what a folder holds, in the system's order.

    Hidden files and results of earlier runs are passed over; links to folders are named and not followed.
    """
    failed: list[OSError] = []
    for name, below, files in os.walk(top, onerror=failed.append):
        folder = Path(name)
        if folder != top and FOLDER.fullmatch(folder.name) and _holds_results(folder):
            below.clear()
            continue
        own = [(one / LINES).exists() for one in _up_to(folder, top)]
        tables = {LINES, TABLE, OVERVIEW} if own[0] else set()
        for file in files:
            if not (is_hidden(file) or file in tables or (any(own) and OF_ONE.fullmatch(file))):
                yield folder / file, _special(folder / file)
        below[:] = [one for one in below if not is_hidden(one)]
        for one in below:
            if (folder / one).is_symlink():
                yield folder / one, "a link to a folder, which is followed only where it is named itself"
    for error in failed:
        yield Path(error.filename), error.strerror or str(error)


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder is none that a person put there, by its name."""
    return name.startswith(".") or name.lower() in BELONGINGS


def lies_hidden(parts: Iterable[str]) -> bool:
    """Tell whether a path below a folder, by its parts, is hidden or lies in what is: the trash, what a Mac leaves."""
    return any(map(is_hidden, parts))


def _up_to(folder: Path, top: Path) -> list[Path]:
    """Return a folder and those above it, up to `top`."""
    return [folder, *(parent for parent in folder.parents if parent.is_relative_to(top))]


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
