"""Count visual words: descriptors, positions, counts, vocabulary → one histogram per face and view.

python -m stages.sift_histograms
"""

import numpy as np

from openfer import files
from openfer.descriptors import histograms
from pipeline import arrays, params, paths, versions
from stages import run


def main() -> None:
    """Share out every descriptor among its words."""
    versions.require(["numpy"])
    features = histograms.describe(*arrays.key_points(), arrays.vocabulary(), params.load("sift.histograms"))
    files.save_array(paths.descriptor_path("sift"), features.astype(np.float16))  # half the disk, same figures
    print("{:,} faces × {} views × {:,} values".format(*features.shape))


if __name__ == "__main__":
    run(main)
