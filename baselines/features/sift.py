"""Count SIFT words: faces → data/baselines/sift.npy, and which faces have no key point.

python -m baselines.features.sift
"""

import numpy as np

from openfer import files
from openfer.descriptors import bag
from openfer.descriptors.report import undescribed
from openfer.emotions import TRAINING
from pipeline import arrays, params, paths, versions
from stages import run


def main() -> None:
    """Find key points, cluster those of Training, and give each of all faces to its nearest word."""
    versions.require(["numpy", "opencv", "scikit-learn"])
    settings = params.load("features.sift", params.BASELINES)
    images, _, split = arrays.faces()
    descriptors, counts = bag.describe(images)
    features = bag.histograms(descriptors, counts, bag.fit(descriptors, counts, split == TRAINING, settings))
    files.save_array(paths.feature_path("sift"), features)
    rows = np.flatnonzero(counts == 0)
    report = {"key_points_a_face": round(float(counts.mean()), 2)} | undescribed(rows, split, "zeros")
    files.save_json(paths.feature_report("sift"), report)
    print(f"{len(features):,} faces × {features.shape[1]:,} values; no key point in {len(rows):,}, which get zeros")


if __name__ == "__main__":
    run(main)
