"""Check that the user's copy of the votes of FER+ is there: crowd.votes of crowd/params.yaml, untouched.

python -m crowd.source
"""

from pathlib import Path

from openfer.data.votes import require_votes
from pipeline import params
from stages import run


def main() -> None:
    """Say where to get the file when it is missing."""
    require_votes(Path(params.load("crowd", params.CROWD).votes))


if __name__ == "__main__":
    run(main)
