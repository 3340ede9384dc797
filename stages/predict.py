"""Ask a trained network about both evaluation splits: network, faces → probabilities, a row a face.

    python -m stages.predict cnn
    python -m stages.predict vgg dsift

Labels are not read here. The table holds the mean over ten views of each face, and what the face alone would give.
"""

import numpy as np

from openfer import files as artifacts
from openfer.emotions import TRAINING
from openfer.prediction.predict import predict, predict_ten_views
from openfer.prediction.probabilities import table
from openfer.training.dataset import Dataset
from stages import run_for_model


def main(network_name: str, descriptor: str | None) -> None:
    """Read, predict, write."""
    name = artifacts.model_name(network_name, descriptor)
    network = artifacts.load_network(artifacts.model_path(name))
    images, split = artifacts.load_array(artifacts.IMAGES), artifacts.load_array(artifacts.SPLIT)
    rows = np.flatnonzero(split != TRAINING)
    descriptors = artifacts.load_array(artifacts.descriptor_path(descriptor))[rows] if descriptor else None
    faces = Dataset(images[rows], np.zeros(len(rows), np.uint8), descriptors)
    single = predict(network, faces).argmax(axis=1)
    artifacts.save_csv(artifacts.probabilities_path(name), table(rows, predict_ten_views(network, faces), single))
    print(f"{name}: {len(rows):,} faces, ten views of each")


if __name__ == "__main__":
    run_for_model(main, __doc__)
