"""Place 68 landmarks on every face: faces → data/baselines/landmarks.npy, and which faces have none.

python -m baselines.features.landmarks
"""

from openfer import files
from openfer.descriptors import landmarks
from openfer.descriptors.report import undescribed
from openfer.emotions import TRAINING
from pipeline import arrays, paths, versions
from stages import run


def main() -> None:
    """Place them, and give the faces without any the mean shape of Training."""
    versions.require(["dlib", "numpy"])
    images, _, split = arrays.faces()
    placed = landmarks.place(images, landmarks.load_predictor())
    shapes, rows = landmarks.filled(placed, split == TRAINING)
    files.save_array(paths.feature_path("landmarks"), shapes)
    files.save_json(paths.feature_report("landmarks"), undescribed(rows, split, "mean shape of Training"))
    print(f"{len(shapes):,} faces × {shapes.shape[1]} values; no landmark on {len(rows):,}, which get the mean shape")


if __name__ == "__main__":
    run(main)
