"""One way to read any source."""

from collections.abc import Sequence
from pathlib import Path

from openfer.data.csv_file import read_csv
from openfer.data.folders import read_folder
from openfer.data.table import IngestError, Table, missing_message
from openfer.emotions import EMOTIONS


def read(source: str, on_bad_row: str, names: Sequence[str] = EMOTIONS) -> Table:
    """Read a CSV (plain or .gz, .xz, .zip, .tar.gz) or a folder of pictures; the order of rows is kept.

    Args:
        source: path of the file or folder.
        on_bad_row: "error" to fail at the first bad row, "skip" to leave bad rows out and list them.
        names: of the expressions that a folder may hold; a CSV holds FER2013's seven.

    Raises:
        IngestError: the source is missing or damaged, or a row is bad and `on_bad_row` is "error".
    """
    path = Path(source)
    if not path.exists():
        raise IngestError(missing_message(source))
    return read_folder(path, on_bad_row, names) if path.is_dir() else read_csv(path, on_bad_row)
