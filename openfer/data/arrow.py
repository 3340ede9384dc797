"""Lines of the CSV to arrays by Apache Arrow: all at once, if each is written as in the official file.

Arrow takes more than is legal here ("007", "0x7", lone carriage returns) and does not say where it met what it refuses.
So whatever differs from the official form makes all lines fail; openfer/data/rows.py then reads them one by one.
"""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

from openfer.data.columns import LABELS, PIXELS, USAGES, Columns

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray | None]


def parse(text: bytes, columns: Columns) -> Arrays | None:
    """Parse whole lines, the last with its line feed as all others.

    Returns:
        pixels (n, 2304), labels (n,) and split codes (n,), all uint8, the last None without the column Usage;
        None if any line differs from the official form.
    """
    try:
        table = _table(text, columns)
        split = _codes(table["Usage"], USAGES) if "Usage" in columns else None
        return _pixels(table["pixels"]), _codes(table["emotion"], LABELS), split
    except ValueError:  # as pyarrow.ArrowInvalid is
        return None


def _table(text: bytes, columns: Columns) -> pa.Table:
    table = pa.csv.read_csv(
        pa.BufferReader(text),
        pa.csv.ReadOptions(column_names=columns, use_threads=False, block_size=len(text)),
        pa.csv.ParseOptions(quote_char=False, ignore_empty_lines=False),
        pa.csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string())),
    )
    if table.num_rows != text.count(b"\n"):
        raise ValueError("a lone carriage return is no end of a line")
    return table


def _codes(cells: pa.ChunkedArray, legal: Collection[bytes]) -> np.ndarray:
    """Return the place of each cell among the legal values, (n,) uint8."""
    codes = pa.compute.index_in(cells, pa.array([value.decode() for value in legal]))
    if codes.null_count:
        raise ValueError("a cell holds none of the legal values")
    return codes.to_numpy().astype(np.uint8)


def _pixels(cells: pa.ChunkedArray) -> np.ndarray:
    """Return the numbers of each cell, (n, 2304) uint8, if they are written in their shortest form.

    Every other form of a number that Arrow takes is longer; so no number has it when all are as long as the shortest.
    """
    numbers = pa.compute.split_pattern(cells, " ")
    if pa.compute.any(pa.compute.not_equal(pa.compute.list_value_length(numbers), PIXELS)).as_py():
        raise ValueError("a picture has another number of pixels")
    pixels = pa.compute.cast(pa.compute.list_flatten(numbers), pa.uint8()).to_numpy()
    digits = pixels.size + np.count_nonzero(pixels > 9) + np.count_nonzero(pixels > 99)
    if pa.compute.sum(pa.compute.binary_length(cells)).as_py() != digits + len(cells) * (PIXELS - 1):
        raise ValueError("a number is not in its shortest form")
    return pixels.reshape(-1, PIXELS)
