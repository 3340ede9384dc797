"""Reading and writing of files: whole or not at all.

A file is written under a temporary name beside its place and then renamed, so that a reader never sees half of it.
"""

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from openfer.errors import Refused

if TYPE_CHECKING:  # Matplotlib takes a second to import, and most users of this module do not draw
    from matplotlib.figure import Figure

WAY_BACK = "`dvc checkout` or `dvc repro` brings it back"
"""What a user does about a file of the pipeline that is gone or damaged."""


class FileError(Refused):
    """A file is missing, damaged or not what it should be; the message names it."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` and rename it to `path` when the block ends without an error.

    After a power cut the file is whole, old or new: content and folder are on the disk before this returns.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _clear_temporaries(path.parent)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        _to_disk(temporary)  # the content must be there before the name is
        temporary.replace(path)
        _to_disk(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _clear_temporaries(folder: Path) -> None:
    """Delete what processes that were killed have left in a folder."""
    for path in folder.glob(".*"):
        match = re.match(r"\.(\d+)\.", path.name)
        if match and path.is_file() and not _alive(int(match[1])):
            path.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def save_array(path: Path, array: np.ndarray) -> None:
    """Write one array as .npy, whole or not at all."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def load_array(path: Path, dtype: type | Sequence[type], shape: Sequence[int | None]) -> np.ndarray:
    """Map a .npy file read-only into memory; pages are read when they are touched.

    Args:
        path: of the file.
        dtype: what it must hold, one type or several.
        shape: of the array; None stands for any length but 0.

    Raises:
        FileError: it is missing, damaged, or holds another type or shape.
    """
    try:
        array = np.lib.format.open_memmap(path, mode="r")
    except FileNotFoundError:
        raise FileError(f"{path} is missing; {WAY_BACK}") from None
    except Exception as error:  # NumPy reads the head as Python, and raises all kinds on a damaged one
        raise FileError(f"{path} is damaged ({' '.join(str(error).split())}); {WAY_BACK}") from error
    allowed = [np.dtype(one) for one in (dtype if isinstance(dtype, Sequence) else [dtype])]
    fits = array.ndim == len(shape) and all(
        have > 0 if want is None else have == want for have, want in zip(array.shape, shape, strict=True)
    )
    if array.dtype not in allowed or not fits:
        wanted = " × ".join("n" if length is None else str(length) for length in shape)
        wanted += f" {' or '.join(map(str, allowed))}"
        received = " × ".join(map(str, array.shape)) + f" {array.dtype}"
        raise FileError(f"{path} must hold {wanted}. Received: {received}; {WAY_BACK}")
    return array


def save_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as indented JSON that ends with a newline, so that Git shows small differences."""
    save_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")


def load_json(path: Path) -> dict[str, Any]:
    """Read a JSON file.

    Raises:
        FileError: it is missing or no JSON.
    """
    try:
        return json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise FileError(f"{path} is damaged ({error}); {WAY_BACK}") from error


def save_text(path: Path, text: str) -> None:
    """Write a text."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def save_bytes(path: Path, content: bytes) -> None:
    """Write bytes."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def save_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with the same keys as CSV; the keys of the first row are the header."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def save_figure(path: Path, figure: "Figure") -> None:
    """Write a figure as PNG without time stamp or version, so that equal pictures are equal files."""
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=100, metadata={"Software": None})


def load_csv(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read a CSV file as one mapping a row; all values are text.

    Args:
        path: of the file.
        columns: that it must have; there may be others.

    Raises:
        FileError: it is missing, has no row, lacks a column, or a row is cut off.
    """
    rows = list(csv.DictReader(io.StringIO(_text(path), newline="")))
    wrong = next((number for number, row in enumerate(rows, start=2) if None in row or None in row.values()), None)
    lacking = [column for column in columns if rows and column not in rows[0]]
    if not rows or lacking or wrong:
        reason = "no row" if not rows else f"no column {lacking[0]}" if lacking else f"line {wrong} is cut off"
        raise FileError(f"{path} is damaged ({reason}); {WAY_BACK}")
    return rows


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileError(f"{path} is missing; {WAY_BACK}") from None
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is damaged ({error}); {WAY_BACK}") from error


def digest(path: Path, algorithm: str = "sha256") -> str:
    """Return a checksum of a file in hexadecimal digits; DVC's is "md5"."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
