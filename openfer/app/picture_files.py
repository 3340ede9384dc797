"""Which pictures are meant: files, and all that lies in and below folders, whatever it is called."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from openfer.app import records
from openfer.faces.folders import inside
from openfer.faces.pictures import is_folder


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
        files = [
            Found(file.relative_to(path) if file != path else Path(path.name), file, reason)
            for file, reason in sorted(inside(path))
        ]
        yield from files or [Found(Path(path.name), path, "the folder holds no picture")]
