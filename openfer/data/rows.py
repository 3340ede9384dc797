"""Lines of the CSV to arrays: all at once if they are regular, otherwise one by one, which names what is wrong."""

from typing import NamedTuple

import numpy as np

from openfer.data import arrow
from openfer.data.columns import COLUMNS, LABELS, PIXELS, USAGES, Columns, shown
from openfer.emotions import EMOTIONS, SPLITS

NUMBERS = {f"{value:0{digits}}".encode(): value for value in range(256) for digits in (1, 2, 3)}
"""Every legal spelling of a pixel: 7, 07 and 007, but no 0007."""


class Rows(NamedTuple):
    """Parsed rows: pixels (n, 2304), labels (n,), split (n,), all uint8; bad: line (first is 0) and reason.

    split is None in a file without the column Usage.
    """

    pixels: np.ndarray
    labels: np.ndarray
    split: np.ndarray | None
    bad: list[tuple[int, str]]


def parse_lines(text: bytes, columns: Columns) -> Rows:
    """Parse whole lines without the header; lines of blanks only are passed over."""
    arrays = arrow.parse(text, columns)
    return Rows(*arrays, []) if arrays else _one_by_one(text, columns)


def parse_row(line: bytes, columns: Columns) -> tuple[bytes, int, int | None]:
    """Parse one line exactly: 2,304 pixels, label, split code (None without the column Usage).

    Raises:
        ValueError: the message names the column, what it must hold and what it holds.
    """
    cells = line.split(b",")
    if len(cells) != len(columns):
        expected = ", ".join(column for column in COLUMNS if column in columns)
        raise ValueError(f"columns {expected} expected. Received {len(cells)}: {shown(line.strip())}")
    row = dict(zip(columns, map(_unquoted, cells), strict=True))
    emotion, usage = row["emotion"], row.get("Usage")
    if emotion not in LABELS:
        raise ValueError(f"column emotion: a label from 0 to {len(EMOTIONS) - 1} expected. Received: {shown(emotion)}")
    if usage is not None and usage not in USAGES:
        raise ValueError(f"column Usage: one of {', '.join(SPLITS)} expected. Received: {shown(usage)}")
    return _pixels(row["pixels"]), LABELS[emotion], USAGES.get(usage)


def _one_by_one(text: bytes, columns: Columns) -> Rows:
    pixels, labels, split, bad = bytearray(), bytearray(), [], []
    for number, line in enumerate(text.split(b"\n")):
        if not line.strip():
            continue
        try:
            image, label, code = parse_row(line, columns)
        except ValueError as error:
            bad.append((number, str(error)))
            continue
        pixels += image
        labels.append(label)
        split.append(code)
    images = np.frombuffer(pixels, np.uint8).reshape(-1, PIXELS)
    codes = np.array(split, np.uint8) if "Usage" in columns else None
    return Rows(images, np.frombuffer(labels, np.uint8), codes, bad)


def _unquoted(raw: bytes) -> bytes:
    """Take blanks and a pair of quotes off a field."""
    cell = raw.strip()
    return cell[1:-1].strip() if len(cell) > 1 and cell[:1] == b'"' == cell[-1:] else cell


def _pixels(field: bytes) -> bytes:
    numbers = field.split()
    pixels = [NUMBERS.get(number) for number in numbers]
    if None in pixels:
        bad = pixels.index(None)
        raise ValueError(
            f"column pixels, number {bad + 1}: an integer from 0 to 255 expected. Received: {shown(numbers[bad])}"
        )
    if len(pixels) != PIXELS:
        raise ValueError(f"column pixels: {PIXELS} numbers expected. Received: {len(pixels)} ({shown(field)})")
    return bytes(pixels)
