"""Count visual words: descriptors, positions, counts, vocabulary → one histogram a face and view.

python -m stages.sift_histograms
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from openfer import files as artifacts
from openfer.descriptors import histograms
from openfer.emotions import IMAGE_SIZE
from pipeline import params
from pipeline.params import leaf
from stages import run


@dataclass(frozen=True)
class Params:
    """What the histograms read of params.yaml."""

    levels: tuple[int, ...] = leaf("sift.levels", at_least=1, at_most=IMAGE_SIZE)
    neighbours: int = leaf("sift.neighbours", at_least=1)


def main() -> None:
    """Share out every descriptor among its words."""
    options = dataclasses.asdict(params.load(Params))
    files = (artifacts.SIFT_DESCRIPTORS, artifacts.SIFT_POSITIONS, artifacts.SIFT_COUNTS, artifacts.SIFT_VOCABULARY)
    features = histograms.describe(*map(artifacts.load_array, files), **options)
    artifacts.save_array(artifacts.descriptor_path("sift"), features.astype(np.float16))  # half the disk, same figures
    print("{:,} faces × {} views × {:,} values".format(*features.shape))


if __name__ == "__main__":
    run(main)
