"""The columns of the CSV: their names, their legal values and the order in which a header puts them."""

from openfer.data.table import IngestError
from openfer.emotions import EMOTIONS, IMAGE_SIZE, SPLITS

COLUMNS = ("emotion", "pixels", "Usage")
LABELS = {str(label).encode(): label for label in range(len(EMOTIONS))}
USAGES = {usage.encode(): code for code, usage in enumerate(SPLITS)}
PIXELS = IMAGE_SIZE**2
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SHOWN = 40  # characters of a bad value in a message

Columns = tuple[str, ...]
"""The columns of a file in its order; Kaggle's train.csv has no Usage."""


def parse_header(line: bytes) -> Columns:
    """Find the columns emotion, pixels and, where there is one, Usage, in any order and with blanks round them.

    Raises:
        IngestError: the line is not UTF-8 text or names other columns.
    """
    try:
        text = line.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError:
        raise IngestError(f"line 1 is not UTF-8 text but {shown(line)}; is this a CSV file?") from None
    names = tuple(name.strip().strip('"').strip() for name in text.split(","))
    if sorted(names) not in (sorted(COLUMNS), ["emotion", "pixels"]):
        raise IngestError(f"line 1: the header must name {', '.join(COLUMNS)}. Received: {shown(line.strip())}")
    return names


def shown(value: bytes) -> str:
    """Quote bytes for a message: one line, not too long, whatever they are."""
    text = value.decode("utf-8", "backslashreplace")
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
