"""Lines of the CSV to arrays: all at once if they are regular, otherwise one by one, which names what is wrong."""

import re
from typing import NamedTuple

import numpy as np

from openfer.data import regular
from openfer.data.columns import COLUMNS, LABELS, PIXELS, USAGES, Order, shown
from openfer.emotions import EMOTIONS, IMAGE_SIZE, SPLITS


class Rows(NamedTuple):
    """Parsed rows: images (n, 48, 48), labels (n,), split (n,), all uint8; bad: line (first is 0) and reason."""

    images: np.ndarray
    labels: np.ndarray
    split: np.ndarray
    bad: list[tuple[int, str]]
    lines: int


def parse_lines(text: bytes, order: Order) -> Rows:
    """Parse whole lines, each with its line feed, without the header; lines of blanks only are passed over."""
    lines, bad = text.count(b"\n"), []
    columns = regular.parse(text, order) or _one_by_one(text, order, bad)
    pixels, labels, split = (np.asarray(column, np.uint8) for column in columns)
    return Rows(pixels.reshape(-1, IMAGE_SIZE, IMAGE_SIZE), labels, split, bad, lines)


def parse_row(line: bytes, order: Order) -> tuple[list[int], int, int]:
    """Parse one line exactly: 2,304 pixels, label, split code.

    Raises:
        ValueError: the message names the column, what it must hold and what it holds.
    """
    cells = line.split(b",")
    if len(cells) != len(COLUMNS):
        raise ValueError(f"columns {', '.join(COLUMNS)} expected. Received {len(cells)}: {shown(line.strip())}")
    emotion, numbers, usage = (_cell(cells[position]) for position in order)
    if emotion not in LABELS:
        raise ValueError(f"column emotion: a label from 0 to {len(EMOTIONS) - 1} expected. Received: {shown(emotion)}")
    if usage not in USAGES:
        raise ValueError(f"column Usage: one of {', '.join(SPLITS)} expected. Received: {shown(usage)}")
    return _pixels(numbers), LABELS[emotion], USAGES[usage]


def _one_by_one(text: bytes, order: Order, bad: list[tuple[int, str]]) -> tuple:
    """Return pixels, labels and split codes of the good rows; append line and reason of the others to `bad`."""
    rows = []
    for number, line in enumerate(text.split(b"\n")):
        if not line.strip():
            continue
        try:
            rows.append(parse_row(line, order))
        except ValueError as error:
            bad.append((number, str(error)))
    return tuple(zip(*rows, strict=True)) or ((), (), ())


def _cell(raw: bytes) -> bytes:
    """Take blanks and a pair of quotes off a field."""
    cell = raw.strip()
    return cell[1:-1].strip() if len(cell) > 1 and cell[:1] == b'"' == cell[-1:] else cell


def _pixels(field: bytes) -> list[int]:
    numbers = field.split()
    for position, number in enumerate(numbers, start=1):
        if not re.fullmatch(rb"[0-9]{1,3}", number) or int(number) > 255:
            raise ValueError(
                f"column pixels, number {position}: an integer from 0 to 255 expected. Received: {shown(number)}"
            )
    if len(numbers) != PIXELS:
        raise ValueError(f"column pixels: {PIXELS} numbers expected. Received: {len(numbers)} ({shown(field)})")
    return [int(number) for number in numbers]
