"""Put features side by side in the published order: those of one file each → one file.

python -m baselines.join landmarks_hog
"""

import numpy as np

from baselines import JOINED
from openfer import files
from pipeline import arrays, paths
from stages import run_for_system


def main(name: str) -> None:
    """Read, join, write."""
    count = len(arrays.images())
    parts = [arrays.feature(part, count) for part in JOINED[name]]
    joined = np.concatenate(parts, axis=1)
    files.save_array(paths.feature_path(name), joined)
    print(f"{' and '.join(JOINED[name])}: {joined.shape[1]:,} values of {count:,} faces")


if __name__ == "__main__":
    run_for_system(main, tuple(JOINED), __doc__)
