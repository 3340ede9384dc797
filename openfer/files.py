"""Reading and writing of files: whole or not at all.

A file is written under a temporary name beside its place and then renamed, so that a reader never sees half of it.
"""

import csv
import errno
import hashlib
import io
import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from openfer.errors import WAY_BACK, Refused

if TYPE_CHECKING:  # Matplotlib takes a second to import, and most users of this module do not draw
    from matplotlib.figure import Figure

TEMPORARY = re.compile(r"\.(\d+)@(\w+)\.part\.")
"""How the name of a temporary begins: with the number of the process that writes it, and where it does."""

HERE = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
"""This machine, or container: beside others' temporaries on a shared drive, process numbers alone mean nothing."""


class FileError(Refused):
    """A file is missing, damaged or not what it should be; the message names it."""


class WriteError(OSError):
    """A file cannot be written: the disk is full, the folder is read-only; the message names file and reason."""

    def __str__(self) -> str:
        return f"{self.filename} cannot be written: {self.strerror}"


NAMELESS = (None, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors of writing that name no file; NumPy's tells how much it could write, and has no number."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` and rename it to `path` when the block ends without an error.

    After a power cut the file is whole, old or new: content and folder are on the disk before this returns.

    Raises:
        WriteError: the system refuses it, here or in the block; nothing is left behind.
    """
    temporary = temporary_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear_temporaries(path.parent)
        yield temporary
        _to_disk(temporary)  # the content must be there before the name is
        temporary.replace(path)
        _to_disk(path.parent)
    except OSError as error:
        if isinstance(error, WriteError) or not _is_about(error, path):
            raise
        raise WriteError(error.errno, error.strerror or f"{error}; is the disk full?", str(path)) from error
    finally:
        with suppress(OSError):  # the folder is not there, or a file is in its place
            temporary.unlink(missing_ok=True)


def temporary_of(path: Path) -> Path:
    """Return the name under which this process writes a file, or a folder, before it is whole."""
    return path.with_name(f".{os.getpid()}@{HERE}.part.{path.name}")


def _is_about(error: OSError, path: Path) -> bool:
    """Tell whether an error is about a file or its temporaries, and not about another one that the block reads."""
    if error.filename is None:
        return error.errno in NAMELESS
    name = Path(os.fsdecode(error.filename))
    return name in (path, *path.parents) or (name.parent == path.parent and TEMPORARY.match(name.name) is not None)


def _to_disk(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # Windows opens no folder
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL or not path.is_dir():  # some network drives know no fsync of a folder
            raise
    finally:
        os.close(descriptor)


def _clear_temporaries(folder: Path) -> None:
    """Delete what processes of this machine that were killed have left in a folder."""
    for path in folder.glob(".*.part.*"):
        match = TEMPORARY.match(path.name)
        if match and match[2] == HERE and path.is_file() and not _alive(int(match[1])):
            path.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    if os.name == "nt":  # where asking for a process ends it
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def scratch(kind: str) -> Iterator[Path]:
    """Yield a folder of the system's for temporary files; it goes at the end, those of killed processes now.

    Args:
        kind: with which its name begins, as the names of all of its kind do.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{kind}-*-*"):
        process = left.name.removeprefix(f"{kind}-").partition("-")[0]
        if process.isdecimal() and not _alive(int(process)):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{kind}-{os.getpid()}-") as folder:
        yield Path(folder)


def save_array(path: Path, array: np.ndarray) -> None:
    """Write one array as .npy, whole or not at all."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def load_array(path: Path, dtype: type, shape: Sequence[int | None]) -> np.ndarray:
    """Map a .npy file read-only into memory; pages are read when they are touched.

    Args:
        path: of the file.
        dtype: what it must hold.
        shape: of the array; None stands for any length but 0.

    Raises:
        FileError: it is missing, damaged, or holds another type or shape.
    """
    with _reading(path):
        array = np.lib.format.open_memmap(path, mode="r")
    fits = array.ndim == len(shape) and all(
        have > 0 if want is None else have == want for have, want in zip(array.shape, shape, strict=True)
    )
    if array.dtype != dtype or not fits:
        wanted = " × ".join("n" if length is None else str(length) for length in shape) + f" {np.dtype(dtype)}"
        received = " × ".join(map(str, array.shape)) + f" {array.dtype}"
        raise FileError(f"{path} must hold {wanted}. Received: {received}; {WAY_BACK}")
    return array


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Make one line with the path of whatever goes wrong while a file is read."""
    try:
        yield
    except FileNotFoundError:
        raise FileError(f"{path} is missing; {WAY_BACK}") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # of a damaged file, NumPy, csv and json raise all kinds
        raise FileError(f"{path} is damaged ({' '.join(str(error).split())}); {WAY_BACK}") from error


def save_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as indented JSON that ends with a newline, so that Git shows small differences."""
    save_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")


def load_json(path: Path) -> dict[str, Any]:
    """Read a JSON file.

    Raises:
        FileError: it is missing, no JSON, or holds something else than a mapping.
    """
    with _reading(path):
        content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise FileError(f"{path} must hold a mapping. Received: {type(content).__name__}; {WAY_BACK}")
    return content


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
    with _reading(path):
        text = path.read_text(encoding="utf-8")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    cut = [number for number, row in enumerate(rows, start=2) if None in row or None in row.values()]
    if rows and not text.endswith("\n"):
        cut.append(len(rows) + 1)
    lacking = [column for column in columns if rows and column not in rows[0]]
    if not rows or lacking or cut:
        reason = "no row" if not rows else f"no column {lacking[0]}" if lacking else f"row {cut[0]} is cut off"
        raise FileError(f"{path} is damaged ({reason}); {WAY_BACK}")
    return rows


def digest(path: Path, algorithm: str = "sha256") -> str:
    """Return a checksum of a file in hexadecimal digits; DVC's is "md5".

    Raises:
        FileError: it is missing or cannot be read.
    """
    with _reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
