"""Draw what each feature sees of some Training faces: → metrics/baselines/features/pictures/, kept by DVC alone.

python -m baselines.features.pictures
"""

import numpy as np

from openfer import files
from openfer.descriptors import bag, sift
from openfer.descriptors.hog import length, sliding_length
from openfer.descriptors.landmarks import POINTS
from openfer.drawing import features as drawing
from openfer.emotions import TRAINING
from pipeline import arrays, params, paths, versions
from stages import run


def main() -> None:
    """Draw each feature on the same faces."""
    versions.require(["numpy", "opencv"])
    settings = params.load("features", params.BASELINES)
    (images, labels, split), emotions = arrays.faces(), tuple(arrays.emotions())
    rows = drawing.chosen(labels, split == TRAINING, settings.pictures.seed)
    faces, names = np.asarray(images[rows]), [emotions[label] for label in labels[rows]]

    def read(name: str, values: int) -> np.ndarray:
        return arrays.feature(name, len(images), values)[rows]

    _, places, counts = sift.describe(faces, bag.DETECTOR)
    whole, sliding = settings.hog, settings.sliding_hog
    figures = {
        "landmarks": drawing.landmarks(faces, names, read("landmarks", 2 * POINTS)),
        "hog": drawing.hog(faces, names, read("hog", length(whole)), whole),
        "sliding_hog": drawing.sliding_hog(faces, names, read("sliding_hog", sliding_length(sliding)), sliding),
        "sift": drawing.key_points(faces, names, np.split(places, counts.ravel().cumsum()[:-1])[::2]),
        "dsift": drawing.grid(faces, names, settings.dsift),
    }
    for name, figure in figures.items():
        files.save_figure(paths.FEATURE_PICTURES / f"{name}.png", figure)


if __name__ == "__main__":
    run(main)
