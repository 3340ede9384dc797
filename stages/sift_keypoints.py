"""Find and describe key points: faces → SIFT descriptors, where they are, and how many belong to each face.

    python -m stages.sift_keypoints

They are kept, so that another vocabulary does not find the key points again.
"""

from openfer import files
from openfer.descriptors import sift
from pipeline import arrays, params, paths, versions
from stages import run


def main() -> None:
    """Describe every face and its mirror image."""
    versions.require(["numpy", "opencv"])
    descriptors, positions, counts = sift.describe(arrays.images(), params.load("sift.keypoints"))
    files.save_array(paths.SIFT_DESCRIPTORS, descriptors)
    files.save_array(paths.SIFT_POSITIONS, positions)
    files.save_array(paths.SIFT_COUNTS, counts)
    print(f"{counts[:, 0].mean():.1f} key points per face; {(counts[:, 0] == 0).sum():,} of {len(counts):,} have none")


if __name__ == "__main__":
    run(main)
