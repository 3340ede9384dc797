"""Describe windows of the faces by their gradients: faces → data/baselines/sliding_hog.npy.

python -m baselines.features.sliding_hog
"""

from openfer import files
from openfer.descriptors import hog
from pipeline import arrays, params, paths, versions
from stages import run


def main() -> None:
    """Describe every face."""
    versions.require(["numpy", "scikit-image"])
    features = hog.describe_windows(arrays.images(), params.load("features.sliding_hog", params.BASELINES))
    files.save_array(paths.feature_path("sliding_hog"), features)
    print("{:,} faces × {:,} values".format(*features.shape))


if __name__ == "__main__":
    run(main)
