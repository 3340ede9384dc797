"""Describe faces on a regular grid by raw SIFT: faces → data/baselines/dsift.npy.

python -m baselines.features.dsift
"""

from openfer import files
from openfer.descriptors import raw_dsift
from pipeline import arrays, params, paths, versions
from stages import run


def main() -> None:
    """Describe every face."""
    versions.require(["numpy", "opencv"])
    features = raw_dsift.describe(arrays.images(), params.load("features.dsift", params.BASELINES))
    files.save_array(paths.feature_path("dsift"), features)
    print("{:,} faces × {:,} values".format(*features.shape))


if __name__ == "__main__":
    run(main)
