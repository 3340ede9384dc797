"""What the program says of faces, as JSON and as rows of a table."""

import contextlib
import csv
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from openfer.app import valence
from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.faces import folders, records
from openfer.faces.predictor import Expression
from openfer.files import replacing

OUT = Path(folders.OUT)
"""Where results go unless the user says otherwise, or the first free folder that is numbered after it."""


def new_folder(base: Path = OUT) -> Path:
    """Create and return the first of `base`, base-2, base-3, … that is not there yet.

    Two programs that start together get two folders.

    Raises:
        OSError: the folder above cannot be written.
    """
    base.parent.mkdir(parents=True, exist_ok=True)
    numbered = (base.with_name(f"{base.name}-{number}") for number in itertools.count(2))
    return next(folder for folder in itertools.chain([base], numbered) if _created(folder))


def require_unused(folder: Path, names: Iterable[str]) -> None:
    """Refuse a folder in which an earlier run has left its results.

    Args:
        folder: of the results, as the user named it.
        names: of what a run writes there once.

    Raises:
        Refused: it has.
    """
    for name in names:
        if (folder / name).exists():
            raise Refused(f"{folder / name} is there from an earlier run; choose another --out, or delete it")


def _created(folder: Path) -> bool:
    """Create a folder; tell whether the name was free."""
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True


def record(expression: Expression, surprise: str | None = None) -> dict[str, Any]:
    """Return a face for JSON, with its valence where that is asked for.

    Args:
        expression: what the face shows.
        surprise: its valence ("positive", "neutral", "negative"); None leaves valence out.
    """
    found = records.record(expression)
    if surprise:
        shares = valence.by_valence(expression.probabilities, surprise, expression.emotions)
        found |= {"valence": max(shares, key=shares.get), "valence_probabilities": records.rounded(shares)}
    return found


def columns(surprise: str | None, emotions: Sequence[str] = EMOTIONS) -> tuple[str, ...]:
    """Return the columns of a face in a table.

    Args:
        surprise: as in `record`.
        emotions: names of what the model tells apart.
    """
    return (*records.columns(emotions), *(valence.columns() if surprise else ()))


def free_name(name: Path, taken: set[Path]) -> Path:
    """Return a name for results that no others have: itself, or numbered as a-2.jpg; it is taken from then on."""
    numbered = (name.with_name(f"{name.stem}-{number}{name.suffix}") for number in itertools.count(2))
    free = next(one for one in itertools.chain([name], numbered) if one not in taken)
    taken.add(free)
    return free


class ResultsError(Refused):
    """The results cannot be written on."""


class Results:
    """JSON Lines and a table beside them, written as they come; both are there, whole, once this is closed."""

    def __init__(self, lines: Path, table: Path, columns: Sequence[str]) -> None:
        """Start both files.

        Args:
            lines: path of the JSON Lines.
            table: path of the CSV.
            columns: its header; a row may lack some.
        """
        self.open, self.temporaries = contextlib.ExitStack(), []
        self.folder = lines.parent
        self.lines, rows = map(self._start, (lines, table))
        self.table = csv.DictWriter(rows, columns, lineterminator="\n")
        self.table.writeheader()

    def _start(self, path: Path) -> TextIO:
        temporary = self.open.enter_context(replacing(path))
        self.temporaries.append(temporary)
        # Names of files need not be text.
        file = temporary.open("w", newline="", encoding="utf-8", errors="backslashreplace")
        return self.open.enter_context(file)

    def add(self, line: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
        """Write a line of JSON and rows of the table.

        Raises:
            ResultsError: somebody has removed the folder meanwhile; what follows would be lost.
        """
        if not all(temporary.exists() for temporary in self.temporaries):
            error = ResultsError(f"{self.folder}: the folder of the results was removed meanwhile; start again")
            self.open.__exit__(ResultsError, error, None)
            raise error
        self.lines.write(json.dumps(line) + "\n")
        self.table.writerows(rows)

    def close(self) -> None:
        """Finish both files."""
        self.open.close()


def row(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a `record` as a row of a table, its values in columns."""
    flat = records.row(found)
    if "valence" in found:
        values = found["valence"], *found["valence_probabilities"].values()
        flat |= dict(zip(valence.columns(), values, strict=True))
    return flat
