"""The stage predict opens one split: no face of another reaches a network, and none stands in its table."""

import shutil

import numpy as np
import pytest

from openfer import files
from openfer.emotions import EMOTIONS, PRIVATE_TEST, PUBLIC_TEST
from openfer.networks import storage
from pipeline import paths
from stages.predict import main
from tests.imports import ROOT

SPLIT = np.array([0, 1, 2, 1, 0, 2, 1], np.uint8)


class Recorder:
    """Stands in for a network and notes the faces that it is given, each of one grey value."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def predict(self, inputs, **_):
        self.seen |= set(np.unique(inputs[0]).tolist())
        return np.full((len(inputs[0]), 7), 1 / 7, np.float32)


@pytest.fixture
def network(tmp_path, monkeypatch):
    """A project of seven faces, whose grey value is their row, and the network that predicts them."""
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(ROOT / "versions.yaml", "versions.yaml")
    rows = np.arange(len(SPLIT), dtype=np.uint8)
    files.save_array(paths.IMAGES, np.broadcast_to(rows[:, None, None], (len(rows), 48, 48)))
    files.save_array(paths.SPLIT, SPLIT)
    recorder = Recorder()
    monkeypatch.setattr(storage, "load_network", lambda path: recorder)
    monkeypatch.setattr(storage, "emotions_of", lambda path: EMOTIONS)
    return recorder


@pytest.mark.parametrize(("code", "folder"), [(PUBLIC_TEST, paths.METRICS), (PRIVATE_TEST, paths.PRIVATE_TEST)])
def test_no_face_of_another_split_is_predicted(network, code, folder):
    main(code, folder, ["cnn"])
    rows = set(np.flatnonzero(code == SPLIT).tolist())
    assert network.seen == rows
    table = files.load_csv(paths.probabilities_path(folder, "cnn"), ["row"])
    assert [int(row["row"]) for row in table] == sorted(rows)
