"""PrivateTest changes nothing that is learnt, and nothing is chosen on it: the stages hold to the protocol."""

import shutil

import numpy as np
import pytest

from openfer import files as artifacts
from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING
from openfer.evaluation.calibration import temperature
from openfer.evaluation.ensemble import ENSEMBLES, MODELS, systems
from openfer.prediction.probabilities import read
from sample.demo import set_params
from stages import sift_descriptors, sift_vocabulary, train
from tests.conftest import TINY
from tests.imports import ROOT


def learnt(folder, images, labels, split, monkeypatch) -> dict[str, bytes]:
    """What vocabulary and CNN look like that the stages learn from these faces."""
    folder.mkdir()
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, folder)
    set_params(folder / "params.yaml", TINY | {"train.epochs": 3})
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr(train, "record", lambda *_: None)
    for path, array in ((artifacts.IMAGES, images), (artifacts.LABELS, labels), (artifacts.SPLIT, split)):
        artifacts.save_array(path, array)
    sift_descriptors.main()
    sift_vocabulary.main()
    train.main("cnn", None)
    results = (artifacts.SIFT_VOCABULARY, artifacts.history_path("cnn"), artifacts.model_path("cnn"))
    return {str(path): (folder / path).read_bytes() for path in results}


def test_other_faces_in_private_test_change_nothing_that_is_learnt(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    split = np.repeat(np.array([TRAINING, PUBLIC_TEST, PRIVATE_TEST], np.uint8), (128, 32, 32))
    images = rng.integers(0, 256, (len(split), 48, 48), np.uint8)
    labels = rng.integers(0, 7, len(split), np.uint8)
    first = learnt(tmp_path / "first", images, labels, split, monkeypatch)
    private = split == PRIVATE_TEST
    images[private], labels[private] = 255 - images[private] // 2, (labels[private] + 1) % 7
    assert learnt(tmp_path / "second", images, labels, split, monkeypatch) == first


def test_the_epoch_is_chosen_on_public_test(finished):
    public = artifacts.load_json(finished.folder / artifacts.EVALUATION)[SPLITS[PUBLIC_TEST]]
    for model in MODELS:
        history = artifacts.load_csv(finished.folder / artifacts.history_path(model))
        best = max(float(row["public_accuracy"]) for row in history)
        assert public[model]["single_view_accuracy"] == pytest.approx(best, abs=1e-6)


def test_temperatures_are_fitted_on_public_test(finished):
    labels, split = (artifacts.load_array(finished.folder / path) for path in (artifacts.LABELS, artifacts.SPLIT))
    rows = np.flatnonzero(split != TRAINING)
    public = split[rows] == PUBLIC_TEST
    tables = {
        model: read(artifacts.load_csv(finished.folder / artifacts.probabilities_path(model)), rows) for model in MODELS
    }
    evaluation = artifacts.load_json(finished.folder / artifacts.EVALUATION)
    for name, values in systems({model: table.averaged for model, table in tables.items()}).items():
        fitted = temperature(values[public], labels[rows][public])
        assert evaluation[SPLITS[PRIVATE_TEST]][name]["temperature"] == pytest.approx(fitted)


def test_the_best_member_is_that_of_public_test(finished):
    public = artifacts.load_json(finished.folder / artifacts.EVALUATION)[SPLITS[PUBLIC_TEST]]
    tests = artifacts.load_json(finished.folder / artifacts.COMPARISONS)["ensemble_against_best_member"]
    for name, (_, members) in ENSEMBLES.items():
        best = max(public[member]["accuracy"] for member in members)
        assert public[tests[name]["best_member"]]["accuracy"] == best
