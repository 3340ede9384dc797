"""A project with a few faces, in which every system has been evaluated on PublicTest and exported."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from openfer import files
from openfer.data.classes import SEVEN
from openfer.emotions import EMOTIONS, PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING
from openfer.evaluation.ensemble import ENSEMBLES, MODELS, SYSTEMS
from openfer.evaluation.scores import score
from openfer.prediction import probabilities
from pipeline import paths
from tests.export.models import write_model
from tests.imports import ROOT

COUNTS = {TRAINING: 30, PUBLIC_TEST: 20, PRIVATE_TEST: 25}
TEMPERATURES = {system: 0.5 + index / 10 for index, system in enumerate(SYSTEMS)}
BEST = "cnn-dsift"
"""The model that is best on PublicTest, and worst on PrivateTest."""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The project, in the working directory: its arrays, and what each model predicts for PrivateTest."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "versions.yaml", tmp_path)
    rng = np.random.default_rng(0)
    split = rng.permutation(np.repeat(list(COUNTS), list(COUNTS.values()))).astype(np.uint8)
    images = rng.integers(0, 256, (len(split), 48, 48), np.uint8)
    labels = rng.integers(0, len(EMOTIONS), len(split)).astype(np.uint8)
    rows = np.flatnonzero(split == PRIVATE_TEST)
    images[rows[:4]] = images[split == TRAINING][:4]
    for path, array in ((paths.IMAGES, images), (paths.LABELS, labels), (paths.SPLIT, split)):
        files.save_array(path, array)
    files.save_json(paths.EMOTIONS, SEVEN)
    predicted = {model: rng.dirichlet(np.full(7, 0.5), len(rows)).round(3) for model in MODELS}
    predicted[BEST] = np.roll(np.eye(7), 1, axis=0)[labels[rows]]
    for model, values in predicted.items():
        table = probabilities.table(rows, values, values.argmax(axis=1))
        files.save_csv(paths.probabilities_path(paths.PRIVATE_TEST, model), table)
    files.save_json(paths.evaluation_path(paths.METRICS), of_public_test(labels[split == PUBLIC_TEST]))
    for seed, model in enumerate(MODELS):
        write_model(paths.exported_path(model), model, seed)
    for ensemble in ENSEMBLES:
        write_model(paths.exported_path(ensemble), ensemble)
    return SimpleNamespace(images=images, labels=labels, split=split, rows=rows, predicted=predicted)


def of_public_test(labels: np.ndarray) -> dict:
    """Return figures that PrivateTest would never give."""
    systems = {system: score(labels, labels) | {"accuracy": 0.3} for system in SYSTEMS}
    for system, figures in systems.items():
        figures |= {"temperature": TEMPERATURES[system], "without_duplicates": {"accuracy": 0.25}}
    systems[BEST]["accuracy"] = 0.4
    data = {"source": "faces.csv", "sha256": "5f", "md5": "0a", "recognised_as": None}
    return {"protocol": "of PublicTest", "split": SPLITS[PUBLIC_TEST], "data": data, "systems": systems}
