"""Describe faces on a regular grid: faces → dense SIFT of each face and its mirror image.

python -m stages.dsift
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from openfer import files as artifacts
from openfer.descriptors import dsift
from openfer.emotions import IMAGE_SIZE
from pipeline import params
from pipeline.params import leaf
from stages import run


@dataclass(frozen=True)
class Params:
    """What dense SIFT reads of params.yaml."""

    step: int = leaf("dsift.step", at_least=1, at_most=IMAGE_SIZE)
    sizes: tuple[float, ...] = leaf("dsift.sizes", at_least=1)
    sigma: float = leaf("dsift.sigma", at_least=0.5)
    normalisation: str = leaf("dsift.normalisation", choices=dsift.NORMALISATIONS)


def main() -> None:
    """Describe every face and its mirror image."""
    options = dataclasses.asdict(params.load(Params))
    images = artifacts.load_array(artifacts.IMAGES)
    features = dsift.describe(images, **options, dtype=np.float16)  # half the disk and memory, same figures
    artifacts.save_array(artifacts.descriptor_path("dsift"), features)
    print("{:,} faces × {} views × {:,} values".format(*features.shape))


if __name__ == "__main__":
    run(main)
