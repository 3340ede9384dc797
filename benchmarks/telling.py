"""How a benchmark says what it has measured."""

import sys


def tell(line: str) -> None:
    """Print a line at once, also between progress bars."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
