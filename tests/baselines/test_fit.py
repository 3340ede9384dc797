"""Under which name and key MLflow is told of a support vector machine."""

import contextlib
import shutil
from unittest.mock import MagicMock

import numpy as np
import pytest

from baselines import fit
from openfer import files
from openfer.emotions import EMOTIONS, SPLITS
from pipeline import paths
from sample.demo import set_params
from tests.imports import ROOT
from tests.networks.small import noise

FEATURES = paths.feature_path("hog")


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Faces and features in the current folder, and a list of what MLflow is told when a run begins."""
    (tmp_path / "baselines").mkdir()
    for name in ("baselines/params.yaml", "versions.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for variable in ("DVC_ROOT", "DVC_STAGE"):
        monkeypatch.delenv(variable, raising=False)
    count = 9 * len(EMOTIONS)
    files.save_array(paths.IMAGES, noise(count).images)
    files.save_array(paths.LABELS, np.arange(count, dtype=np.uint8) % len(EMOTIONS))
    files.save_array(paths.SPLIT, np.arange(count, dtype=np.uint8) // len(EMOTIONS) % len(SPLITS))
    files.save_json(paths.EMOTIONS, {name: [name] for name in EMOTIONS})
    files.save_array(FEATURES, np.random.default_rng(1).random((count, 72), np.float32))
    runs = []

    def begin(root, *what):
        runs.append(what)
        return contextlib.nullcontext(MagicMock())

    monkeypatch.setattr("pipeline.tracking.live_run", begin)
    return runs


def test_only_the_same_fit_goes_on_in_the_same_run(told, tmp_path):
    fit.main("svm-hog")
    fit.main("svm-hog")
    set_params(tmp_path / "baselines" / "params.yaml", {"svm.penalty": 2.0})
    fit.main("svm-hog")
    files.save_array(paths.LABELS, np.roll(np.load(paths.LABELS), 1))
    fit.main("svm-hog")
    names, keys, _, tags = zip(*told, strict=True)
    assert set(names) == {"baselines/svm-hog"}
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert tags[0][f"sha256 {FEATURES}"] == files.digest(FEATURES)
