"""Rows of results as Parquet: the columns of the CSV, with types."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TYPES = {
    **dict.fromkeys(("file", "emotion", "valence", "error"), pa.string()),
    **dict.fromkeys(("face", "frame", "person"), pa.int64()),
    "unsure": pa.bool_(),
}
"""Of columns; all others are numbers with a fraction."""


def table_of(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], types: Mapping[str, pa.DataType] = TYPES
) -> pa.Table:
    """Return rows, which may lack some of the columns, as a table."""
    schema = pa.schema([(name, types.get(name, pa.float64())) for name in columns])
    return pa.Table.from_pylist([dict(row) | _texts(row) for row in rows], schema)


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of a row as UTF-8 takes them, written as in the CSV: names of files need not be text."""
    texts = {key: value for key, value in row.items() if isinstance(value, str)}
    return {key: value.encode("utf-8", "backslashreplace").decode("utf-8") for key, value in texts.items()}


def parquet(table: pa.Table) -> bytes:
    """Return a table as the content of a file."""
    stream = pa.BufferOutputStream()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue().to_pybytes()


def from_parquet(content: bytes, columns: Sequence[str] | None = None) -> pa.Table:
    """Return the table that `parquet` made, or some of its columns."""
    # Not by pq.read_table: its threads may let go of the last table after Python has ended, and abort the process.
    return pq.ParquetFile(pa.BufferReader(content)).read(columns, use_threads=False)
