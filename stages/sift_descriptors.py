"""Find and describe key points: faces → SIFT descriptors, where they are, and how many belong to each face.

    python -m stages.sift_descriptors

They are kept, so that another vocabulary does not find the key points again.
"""

import dataclasses
from dataclasses import dataclass

from openfer import files as artifacts
from openfer.descriptors import sift
from pipeline import params
from pipeline.params import leaf
from stages import run


@dataclass(frozen=True)
class Params:
    """What the key-point detector reads of params.yaml."""

    contrast_threshold: float = leaf("sift.contrast_threshold", at_least=0)
    edge_threshold: float = leaf("sift.edge_threshold", at_least=1)
    sigma: float = leaf("sift.sigma", at_least=0.5)


def main() -> None:
    """Describe every face and its mirror image."""
    options = dataclasses.asdict(params.load(Params))
    images = artifacts.load_array(artifacts.IMAGES)
    descriptors, positions, counts = sift.describe(images, **options)
    artifacts.save_array(artifacts.SIFT_DESCRIPTORS, descriptors)
    artifacts.save_array(artifacts.SIFT_POSITIONS, positions)
    artifacts.save_array(artifacts.SIFT_COUNTS, counts)
    print(f"{counts[:, 0].mean():.1f} key points a face; {(counts[:, 0] == 0).sum():,} of {len(counts):,} have none")


if __name__ == "__main__":
    run(main)
