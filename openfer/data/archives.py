"""Opening a CSV that may be compressed: plain, .gz, .xz, .zip, .tar.gz."""

import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from openfer.data.table import IngestError

OFFICIAL_NAMES = ("fer2013.csv", "icml_face_data.csv")
DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, NotImplementedError)


@contextmanager
def open_csv(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Yield the bytes of the CSV, and the file below them, whose position tells how far the reading is.

    Raises:
        IngestError: the file cannot be read, is damaged or cut off, or the archive does not hold one CSV.
    """
    try:
        with path.open("rb") as file, _unpacked(file, path.name.lower()) as content:
            yield content, file
    except DAMAGE as error:
        cause = " ".join(str(error).split()) or type(error).__name__
        raise IngestError(f"{path} cannot be read, it may be damaged or cut off: {cause}") from error


@contextmanager
def _unpacked(file: BinaryIO, name: str) -> Iterator[BinaryIO]:
    if name.endswith((".tar.gz", ".tgz")):
        with tarfile.open(fileobj=file, mode="r:gz") as archive:
            names = [member.name for member in archive.getmembers() if member.isfile()]
            yield archive.extractfile(_only_csv(names, name))
    elif name.endswith(".zip"):
        with zipfile.ZipFile(file) as archive:
            member = archive.getinfo(_only_csv(archive.namelist(), name))
            if member.flag_bits & 1:
                raise IngestError(f"{name}: {member.filename} is locked with a password; unpack it first")
            yield archive.open(member)
    elif name.endswith(".gz"):
        with gzip.GzipFile(fileobj=file) as content:
            yield content
    elif name.endswith(".xz"):
        with lzma.LZMAFile(file) as content:
            yield content
    else:
        yield file


def _only_csv(names: Sequence[str], archive: str) -> str:
    """Choose the one CSV; beside others (as in the archive of the challenge) the one with an official name."""
    paths = {name: PurePosixPath(name) for name in names}
    tables = [name for name, path in paths.items() if path.suffix.lower() == ".csv" and not path.name.startswith(".")]
    official = [name for name in tables if paths[name].name in OFFICIAL_NAMES]
    chosen = official or tables
    if len(chosen) != 1:
        found = ", ".join(chosen) or "none"
        raise IngestError(
            f"{archive} must hold one CSV file. Found: {found}. Unpack it and name the file in data.source"
        )
    return chosen[0]
