"""One way to read any source, and the SHA-256 that identifies it."""

import hashlib
from pathlib import Path

from openfer.data.csv_file import read_csv
from openfer.data.folders import picture_paths, read_folder
from openfer.data.table import IngestError, Table, missing_message
from openfer.files import digest


def read(source: str, on_bad_row: str) -> Table:
    """Read a CSV (plain or .gz, .xz, .zip, .tar.gz) or a folder of pictures; the order of rows is kept.

    Args:
        source: path of the file or folder.
        on_bad_row: "error" to fail at the first bad row, "skip" to leave bad rows out and list them.

    Raises:
        IngestError: the source is missing or damaged, or a row is bad and `on_bad_row` is "error".
    """
    path = Path(source)
    if not path.exists():
        raise IngestError(missing_message(source))
    return read_folder(path, on_bad_row) if path.is_dir() else read_csv(path, on_bad_row)


def sha256(source: str) -> str:
    """Return the SHA-256 of a file as it is; of a folder, over relative path and bytes of each picture in order."""
    path = Path(source)
    if not path.is_dir():
        return digest(path)
    pictures = hashlib.sha256()
    for picture in picture_paths(path):
        pictures.update(picture.relative_to(path).as_posix().encode())
        pictures.update(picture.read_bytes())
    return pictures.hexdigest()
