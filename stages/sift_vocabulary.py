"""Cluster SIFT descriptors of the Training faces: descriptors, counts, splits → vocabulary.

python -m stages.sift_vocabulary
"""

from dataclasses import dataclass

from openfer import files as artifacts
from openfer.descriptors import vocabulary
from openfer.emotions import TRAINING
from pipeline import params
from pipeline.params import leaf
from stages import run


@dataclass(frozen=True)
class Params:
    """What the vocabulary reads of params.yaml."""

    seed: int = leaf("seed", at_least=0, at_most=2**32 - 1)
    size: int = leaf("sift.vocabulary_size", at_least=2)
    sample: int = leaf("sift.vocabulary_sample", at_least=2)


def main() -> None:
    """Fit k-means on a sample of the Training descriptors."""
    options = params.load(Params)
    descriptors = artifacts.load_array(artifacts.SIFT_DESCRIPTORS)
    counts = artifacts.load_array(artifacts.SIFT_COUNTS)
    training = artifacts.load_array(artifacts.SPLIT) == TRAINING
    drawn = vocabulary.sample(counts, training, options.sample, options.seed)
    words = vocabulary.fit(descriptors[drawn], options.size, options.seed)
    artifacts.save_array(artifacts.SIFT_VOCABULARY, words)
    print(f"{len(words):,} words from {len(drawn):,} descriptors of {training.sum():,} Training faces")


if __name__ == "__main__":
    run(main)
