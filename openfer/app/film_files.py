"""Which films are meant: files, and those in and below folders."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from openfer.app.records import free_name
from openfer.faces.folders import lies_hidden
from openfer.faces.pictures import is_folder

SUFFIXES = {
    *(".3g2", ".3gp", ".asf", ".avi", ".dv", ".flv", ".h264", ".hevc", ".ivf", ".m2ts", ".m4v", ".mjpeg", ".mjpg"),
    *(".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv", ".y4m"),
}
"""What counts as a film in a folder; a file that is named is read whatever it is called."""

RESULT = ".faces.mp4"
"""How the names of the films end that the program writes; in a folder they are left out."""


def film_files(named: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield (name for its results, file) of every file, and of every film in and below a folder.

    A name that two files have is numbered, so that no result takes the place of another.
    """
    taken: set[Path] = set()
    for name, file in _found(named):
        yield free_name(name, taken), file


def _found(named: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield (path below what was named, file); a folder without a film comes itself."""
    for path in named:
        if not is_folder(path):
            yield Path(path.name), path
            continue
        files = sorted(
            file for file in path.rglob("*") if file.is_file() and not lies_hidden(file.relative_to(path).parts)
        )
        films = [file for file in files if kind(file) in SUFFIXES]
        yield from ((file.relative_to(path), file) for file in films)
        _tell_others(path, set(files) - set(films))
        if not films:
            yield Path(path.name), path


def kind(file: Path) -> str:
    """Return how a name ends."""
    return RESULT if file.name.endswith(RESULT) else file.suffix.lower()


def _tell_others(folder: Path, files: Iterable[Path]) -> None:
    """Name what a folder holds that is no film by its name."""
    kinds = Counter(kind(file) or "without an ending" for file in files)
    if kinds:
        shown = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        sys.stderr.write(f"{folder}: left out, no films by their names: {shown}\n")
