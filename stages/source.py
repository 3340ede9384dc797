"""Check that the user's copy of FER2013 is there: data/fer2013.csv → data/fer2013.csv, untouched.

python -m stages.source
"""

import sys
from pathlib import Path

from fer.ingest.table import missing_message

FER2013 = Path("data/fer2013.csv")


def main() -> None:
    """Say where to get the file when it is missing."""
    if not FER2013.is_file():
        sys.exit(missing_message(FER2013))


if __name__ == "__main__":
    main()
