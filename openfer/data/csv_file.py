"""The CSV, plain or compressed, read in chunks of whole lines that are parsed on all cores."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import numpy as np
from tqdm import tqdm

from openfer.data.archives import open_csv
from openfer.data.columns import Order, parse_header
from openfer.data.rows import Rows, parse_lines
from openfer.data.table import BadRow, IngestError, Table, refuse
from openfer.emotions import IMAGE_SIZE

CHUNK = 1 << 20  # bytes of lines parsed at once: their arrays stay in the cache of a core
LARGE = 16 << 20  # bytes; glibc follows sizes below 32 MiB (mallopt(3), M_MMAP_THRESHOLD)
LONGEST_HEADER = 1000  # bytes
THREADS = min(4, os.cpu_count() or 1)  # splitting lines holds Python's lock, more threads would wait for it


def read_csv(path: Path, on_bad_row: str) -> Table:
    """Read fer2013.csv or icml_face_data.csv, plain or compressed.

    Raises:
        IngestError: the file is damaged, empty or has another header; or a row is bad and `on_bad_row` is
            "error", with file, line, column and value.
    """
    with open_csv(path) as (stream, file):
        order = _header(stream, path)
        with tqdm(total=path.stat().st_size, desc="reading", unit="B", unit_scale=True, disable=None) as bar:
            return _collect(_parsed(stream, order, file, bar), path, on_bad_row)


def _header(stream: BinaryIO, path: Path) -> Order:
    line = stream.readline(LONGEST_HEADER)
    if not line.strip():
        raise IngestError(f"{path} is empty")
    try:
        return parse_header(line)
    except IngestError as error:
        raise IngestError(f"{path}, {error}") from None


def _parsed(stream: BinaryIO, order: Order, file: BinaryIO, bar: tqdm) -> Iterator[Rows]:
    """Yield the parsed chunks in the order of the file; at most two for each thread are under way."""
    _keep_freed_memory()
    with ThreadPoolExecutor(THREADS) as threads:
        under_way: deque[Future[Rows]] = deque()
        for text in _texts(stream):
            under_way.append(threads.submit(parse_lines, text, order))
            bar.update(file.tell() - bar.n)
            if len(under_way) > 2 * THREADS:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def _texts(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the stream in pieces of whole lines, each with its line feed."""
    rest = b""
    while chunk := stream.read(CHUNK):
        end = chunk.rfind(b"\n") + 1
        if end:
            yield rest + chunk[:end]
            rest = chunk[end:]
        else:
            rest += chunk
    if rest:
        yield rest + b"\n"


def _keep_freed_memory() -> None:
    """Free one large array, never touched: from then on glibc keeps freed arrays up to its size for the next block.

    Otherwise it hands the arrays of each block back to the system, and getting them again costs more than parsing.
    """
    np.empty(LARGE, np.uint8)


def _collect(chunks: Iterator[Rows], path: Path, on_bad_row: str) -> Table:
    images, labels, split, skipped = bytearray(), bytearray(), bytearray(), []
    line = 2  # the first one after the header
    for rows in chunks:
        bad = [BadRow(f"line {line + number}", reason) for number, reason in rows.bad]
        if bad and on_bad_row == "error":
            raise refuse(str(path), bad[0])
        skipped += bad
        line += rows.lines
        for column, values in ((images, rows.images), (labels, rows.labels), (split, rows.split)):
            column.extend(values.data)  # grows in place: a list of arrays would need the memory twice
    if not labels and not skipped:
        raise IngestError(f"{path} has a header but no rows")
    arrays = [np.frombuffer(column, np.uint8) for column in (images, labels, split)]
    return Table(arrays[0].reshape(-1, IMAGE_SIZE, IMAGE_SIZE), arrays[1], arrays[2], skipped)
