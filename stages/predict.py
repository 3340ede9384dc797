"""Predict a split with the trained networks: networks, faces, descriptors → probabilities, one row per face.

    python -m stages.predict
    python -m stages.predict cnn vgg

Without names, all. PublicTest alone; report/predict.py does the same for PrivateTest. Labels are not read. A table
holds the mean over ten crops of each face, and what the face alone would give.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from openfer import files
from openfer.emotions import PUBLIC_TEST, SPLITS
from openfer.evaluation.ensemble import MODELS
from openfer.prediction.probabilities import table
from openfer.training.dataset import Dataset
from pipeline import arrays, backend, paths, versions
from stages import run_for_names


def main(code: int, folder: Path, models: Sequence[str] = tuple(MODELS), classes: Sequence[str] | None = None) -> None:
    """Predict the faces of one split.

    Args:
        code: of the split.
        folder: METRICS or PRIVATE_TEST of pipeline/paths.py, or that of the crowd in either.
        models: names of the networks.
        classes: what the networks tell apart; None for what each says itself.
    """
    versions.require(["numpy", "keras", "tensorflow"])
    backend.choose("tensorflow")
    from openfer.networks.storage import emotions_of, load_network  # only now: they import Keras
    from openfer.prediction.predict import predict, predict_ten_crop

    images, split = arrays.images(), arrays.split()
    rows = np.flatnonzero(split == code)
    described = {name: arrays.descriptors(name, len(images))[rows] for name in paths.descriptors_of(models)}
    for model in tqdm(models, desc=f"Predicting {SPLITS[code]}", unit="model"):
        faces = Dataset(images[rows], np.zeros(len(rows), np.uint8), described.get(paths.descriptor_of(model)))
        network = load_network(paths.model_path(model))
        single = predict(network, faces).argmax(axis=1)
        names = classes or emotions_of(paths.model_path(model))
        rounded = table(rows, predict_ten_crop(network, faces), single, names)
        files.save_csv(paths.probabilities_path(folder, model), rounded)
    print(f"{len(models)} models, {len(rows):,} faces of {SPLITS[code]}, ten crops of each")


if __name__ == "__main__":
    run_for_names(partial(main, PUBLIC_TEST, paths.METRICS), MODELS, __doc__)
