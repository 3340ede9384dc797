"""The votes of the crowd: fer2013new.csv of FER+, checked against the faces → data/crowd/votes.npy, row by row.

python -m crowd.votes
"""

from pathlib import Path

from openfer import files
from openfer.data.votes import majority, read_votes
from openfer.emotions import SPLITS
from pipeline import arrays, params, paths
from stages import run


def main() -> None:
    """Read, check, write, and say how many faces have a majority."""
    arrays.require_seven()
    split, crowd = arrays.split(), params.load("crowd", params.CROWD)
    counts = read_votes(Path(crowd.votes), split)
    files.save_array(paths.VOTES, counts)
    chosen = split[majority(counts, crowd.classes).rows]
    found = ", ".join(f"{name} {(chosen == code).sum():,}" for code, name in enumerate(SPLITS))
    print(f"{len(counts):,} faces; with a majority in {crowd.classes} classes: {found}")


if __name__ == "__main__":
    run(main)
