"""Describe whole faces by their gradients: faces → data/baselines/hog.npy.

python -m baselines.features.hog
"""

from openfer import files
from openfer.descriptors import hog
from pipeline import arrays, params, paths, versions
from stages import run


def main() -> None:
    """Describe every face."""
    versions.require(["numpy", "scikit-image"])
    features = hog.describe(arrays.images(), params.load("features.hog", params.BASELINES))
    files.save_array(paths.feature_path("hog"), features)
    print("{:,} faces × {:,} values".format(*features.shape))


if __name__ == "__main__":
    run(main)
