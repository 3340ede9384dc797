"""The CSV, plain or compressed, read in pieces of whole lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from tqdm import tqdm

from openfer.data.archives import open_csv
from openfer.data.columns import Columns, parse_header
from openfer.data.rows import parse_lines
from openfer.data.table import BadRow, IngestError, Table, refuse
from openfer.emotions import IMAGE_SIZE

CHUNK = 4 << 20  # bytes of lines parsed at once
LONGEST_HEADER = 1000  # bytes


def read_csv(path: Path, on_bad_row: str) -> Table:
    """Read fer2013.csv, icml_face_data.csv or Kaggle's train.csv (which names no splits), plain or compressed.

    Raises:
        IngestError: the file is damaged, empty or has another header; or a row is bad and `on_bad_row` is
            "error", with file, line, column and value.
    """
    with open_csv(path) as (stream, file):
        columns = _header(stream, path)
        with tqdm(total=path.stat().st_size, desc="reading", unit="B", unit_scale=True, disable=None) as bar:
            return _collect(_texts(stream, file, bar), columns, path, on_bad_row)


def _header(stream: BinaryIO, path: Path) -> Columns:
    line = stream.readline(LONGEST_HEADER)
    if not line.strip():
        raise IngestError(f"{path} is empty")
    try:
        return parse_header(line)
    except IngestError as error:
        raise IngestError(f"{path}, {error}") from None


def _texts(stream: BinaryIO, file: BinaryIO, bar: tqdm) -> Iterator[bytes]:
    """Yield the stream in pieces of whole lines; the bar follows the file below it."""
    while text := stream.read(CHUNK):
        yield text + stream.readline()
        bar.update(file.tell() - bar.n)


def _collect(texts: Iterator[bytes], columns: Columns, path: Path, on_bad_row: str) -> Table:
    images, labels, split, skipped = bytearray(), bytearray(), bytearray(), []
    line = 2  # the first one after the header
    for text in texts:
        rows = parse_lines(text, columns)
        bad = [BadRow(f"line {line + number}", reason) for number, reason in rows.bad]
        if bad and on_bad_row == "error":
            raise refuse(str(path), bad[0])
        skipped += bad
        line += text.count(b"\n")
        images += rows.pixels.data  # grows in place: a list of arrays would need the memory twice
        labels += rows.labels.data
        split += b"" if rows.split is None else rows.split.data
    if not labels and not skipped:
        raise IngestError(f"{path} has a header but no rows")
    faces = np.frombuffer(images, np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    codes = np.frombuffer(split, np.uint8) if "Usage" in columns else None
    return Table(faces, np.frombuffer(labels, np.uint8), codes, skipped)
