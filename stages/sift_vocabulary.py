"""Cluster SIFT descriptors of the Training faces: descriptors, counts, splits → vocabulary.

python -m stages.sift_vocabulary
"""

from openfer import files
from openfer.descriptors import vocabulary
from openfer.emotions import TRAINING
from pipeline import arrays, params, paths, versions
from stages import run


def main() -> None:
    """Fit k-means on a sample of the Training descriptors."""
    versions.require(["numpy", "scikit-learn"])
    settings, training = params.load("sift.vocabulary"), arrays.split() == TRAINING
    descriptors, _, counts = arrays.key_points(len(training))
    drawn = vocabulary.sample(counts, training, settings.sample, settings.seed)
    words = vocabulary.fit(descriptors[drawn], settings.words, settings.seed)
    files.save_array(paths.SIFT_VOCABULARY, words)
    print(f"{len(words):,} words from {len(drawn):,} descriptors of {training.sum():,} Training faces")


if __name__ == "__main__":
    run(main)
