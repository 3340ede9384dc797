"""Count visual words: descriptors, counts, vocabulary → one histogram a face and view.

python -m stages.sift_histograms
"""

from fer import artifacts
from fer.descriptors import histograms
from stages import run


def main() -> None:
    """Assign every descriptor to its word."""
    features = histograms.describe(
        artifacts.load_array(artifacts.SIFT_DESCRIPTORS),
        artifacts.load_array(artifacts.SIFT_COUNTS),
        artifacts.load_array(artifacts.SIFT_VOCABULARY),
    )
    artifacts.save_array(artifacts.descriptor_path("sift"), features)
    print("{:,} faces × {} views × {:,} words".format(*features.shape))


if __name__ == "__main__":
    run(main)
