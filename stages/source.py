"""Check that the user's copy of FER2013 is there: data/fer2013.csv → data/fer2013.csv, untouched.

python -m stages.source
"""

from pathlib import Path

from openfer.data.table import IngestError, missing_message
from stages import run

FER2013 = Path("data/fer2013.csv")


def main() -> None:
    """Say where to get the file when it is missing."""
    if not FER2013.is_file():
        raise IngestError(missing_message(FER2013))


if __name__ == "__main__":
    run(main)
