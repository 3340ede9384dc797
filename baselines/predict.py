"""Predict a split with one of the published systems: its model, faces, features → probabilities, one row per face.

    python -m baselines.predict blog

PublicTest alone; baselines/report/predict.py does the same for PrivateTest. Labels are not read. The face is seen as it
is: no author averaged over crops.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from baselines import SVMS, SYSTEMS
from baselines.faces import faces
from openfer import files
from openfer.emotions import PUBLIC_TEST, SPLITS
from openfer.prediction.probabilities import table
from openfer.training.dataset import Dataset
from pipeline import arrays, backend, paths, versions
from stages import run_for_system

Answers = tuple[np.ndarray, Sequence[str]]
"""Probabilities (n, classes), and the names of the classes."""


def main(code: int, folder: Path, name: str) -> None:
    """Predict the faces of one split.

    Args:
        code: of the split.
        folder: BASELINES or PRIVATE_BASELINES of pipeline/paths.py.
        name: of the system.
    """
    versions.require(["numpy", "keras", "tensorflow"])
    seen = faces(SYSTEMS[name].features, code, labelled=False)
    found, emotions = (_by_vectors if name in SVMS else _by_network)(name, seen)
    rows = np.flatnonzero(arrays.split() == code)
    files.save_csv(paths.probabilities_path(folder, name), table(rows, found, found.argmax(axis=1), emotions))
    print(f"{name}: {len(rows):,} faces of {SPLITS[code]}")


def _by_network(name: str, seen: Dataset) -> Answers:
    """Ask a network."""
    backend.choose("tensorflow")
    from openfer.networks.storage import emotions_of, load_network  # only now: they import Keras
    from openfer.prediction.predict import predict

    path = paths.model_path(f"baselines/{name}")
    return predict(load_network(path), seen), emotions_of(path)


def _by_vectors(name: str, seen: Dataset) -> Answers:
    """Ask a support vector machine."""
    from baselines.svm import load  # only now: it imports scikit-learn

    machine = load(paths.svm_path(f"baselines/{name}"))
    return machine.probabilities(seen.descriptors[:, 0]), machine.emotions.tolist()


if __name__ == "__main__":
    run_for_system(partial(main, PUBLIC_TEST, paths.BASELINES), tuple(SYSTEMS), __doc__)
