"""Regular lines of the CSV to arrays, vectorised: no Python loop over numbers.

A line is regular if it is written as in the official file: a label of one digit, 2,304 numbers with single blanks
between them, a usage, nothing else; columns in any order, LF or CRLF. Each then has the same number of separators
(bytes below "0"), whose positions form a table with a row a line. The three bytes before the end of each number are
gathered and weighed 1, 10 and 100. One irregular line makes all fail; openfer/data/rows.py then reads them one by one.
"""

from typing import NamedTuple

import numpy as np

from openfer.data.columns import COLUMNS, PIXELS, USAGES, Order
from openfer.emotions import EMOTIONS

LEAD = b"\n\n\n"
"""Put before the text, so that three bytes can be gathered before every separator."""
LF, CR, BLANK, COMMA, ZERO = b"\n\r ,0"


class Fields(NamedTuple):
    """Positions of the fields in a text: first byte and the byte behind the last, (n, 3) each."""

    starts: np.ndarray
    ends: np.ndarray


def parse(text: bytes, order: Order) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Parse whole lines, each with its line feed.

    Returns:
        pixels (n, 2304), labels (n,) and split codes (n,), all uint8; None if any line is irregular.
    """
    emotion, first, usage = order
    padded = np.frombuffer(LEAD + text, np.uint8)
    raw = padded[len(LEAD) :]
    separators = _separators(raw, text.endswith(b"\r\n"))
    fields = None if separators is None else _fields(raw, separators, first)
    if fields is None:
        return None
    pixels = _pixels(padded, separators[:, first : first + PIXELS].ravel(), (fields.ends - fields.starts)[:, first])
    labels = _labels(raw, fields.starts[:, emotion], fields.ends[:, emotion])
    split = _split(text, fields.starts[:, usage].tolist(), fields.ends[:, usage].tolist())
    return None if pixels is None or labels is None or split is None else (pixels, labels, split)


def _separators(raw: np.ndarray, carriage_return: bool) -> np.ndarray | None:
    """Return the positions of all bytes below "0" in a table with one row a line, if each has the right number."""
    positions = np.flatnonzero(raw < ZERO)
    in_line = PIXELS - 1 + len(COLUMNS) + carriage_return
    if positions.size % in_line:
        return None
    table = positions.reshape(-1, in_line)
    if carriage_return and not ((raw[table[:, -2]] == CR) & (np.diff(table[:, -2:]) == 1)[:, 0]).all():
        return None
    lines = (raw[table[:, -1]] == LF).all()
    blanks = np.count_nonzero(raw == BLANK) == len(table) * (PIXELS - 1)
    return table if lines and blanks else None


def _fields(raw: np.ndarray, separators: np.ndarray, first: int) -> Fields | None:
    """Find the fields of lines whose `first` separators stand before the pixels, if commas part them."""
    columns = [position if position < first else position + PIXELS - 1 for position in range(len(COLUMNS))]
    ends = separators[:, columns]
    if not (raw[ends[:, :-1]] == COMMA).all():
        return None
    line_starts = np.concatenate([[0], separators[:-1, -1] + 1])
    return Fields(np.column_stack([line_starts, ends[:, :-1] + 1]), ends)


def _pixels(padded: np.ndarray, ends: np.ndarray, lengths: np.ndarray) -> np.ndarray | None:
    """Return the numbers before `ends`, (n, 2304) uint8, of n fields of so many bytes; None if any is not 0 to 255.

    A letter or a fourth digit is among the bytes but not among the gathered digits, so the counts differ.
    """
    hundreds, tens, ones = (padded[place : place - len(LEAD)].take(ends) - ZERO for place in range(len(LEAD)))
    has_tens = tens < 10  # uint8 wraps round: bytes below "0" become large
    has_hundreds = (hundreds < 10) & has_tens  # behind one digit and a blank stands the number before
    gathered = ones.size + np.count_nonzero(has_tens) + np.count_nonzero(has_hundreds)
    if gathered != lengths.sum() - len(lengths) * (PIXELS - 1) or ones.max() > 9:
        return None
    hundreds *= has_hundreds
    below_hundred = 10 * (tens * has_tens) + ones
    values = 100 * hundreds + below_hundred
    too_large = hundreds.max() > 2 or (values < below_hundred).any()  # 256 to 299 wrap round
    return None if too_large else values.reshape(-1, PIXELS)


def _labels(raw: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray | None:
    labels = raw[starts] - ZERO
    return labels if (ends - starts == 1).all() and (labels < len(EMOTIONS)).all() else None


def _split(text: bytes, starts: list[int], ends: list[int]) -> np.ndarray | None:
    codes = [USAGES.get(text[start:end]) for start, end in zip(starts, ends, strict=True)]
    return None if None in codes else np.array(codes, np.uint8)
