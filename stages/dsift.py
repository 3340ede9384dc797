"""Describe faces on a regular grid: faces → dense SIFT of each face and its mirror image.

python -m stages.dsift
"""

import numpy as np

from openfer import files
from openfer.descriptors import dsift
from pipeline import arrays, params, paths, versions
from stages import run


def main() -> None:
    """Describe every face and its mirror image."""
    versions.require(["numpy", "opencv"])
    # Half precision: half the disk and memory, same figures.
    features = dsift.describe(arrays.images(), params.load("dsift"), dtype=np.float16)
    files.save_array(paths.descriptor_path("dsift"), features)
    print("{:,} faces × {} views × {:,} values".format(*features.shape))


if __name__ == "__main__":
    run(main)
