"""The training of a network that a search found, on the classes that are ingested."""

import shutil

import numpy as np

from openfer import files
from openfer.emotions import SPLITS
from openfer.networks.storage import emotions_of, load_network
from pipeline import paths
from sample.demo import set_params
from search import train
from tests.conftest import NoStore
from tests.imports import ROOT
from tests.networks.small import noise

NAMES = ("calm", "happy", "tired")
TINY = {"train.epochs": 1, "train.batch_size": 8, "train.precision": "float32", "network.width": 2}
TINY |= {"network.embedding": 4, "network.blocks": 2, "network.convolutions": 1}


def test_the_network_has_the_classes_that_are_ingested_and_says_their_names(tmp_path, monkeypatch):
    (tmp_path / "search").mkdir()
    for name in ("search/params.yaml", "versions.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    set_params(tmp_path / "search" / "params.yaml", TINY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr("pipeline.tracking.Child", NoStore)
    files.save_array(paths.IMAGES, noise(36).images)
    files.save_array(paths.LABELS, np.arange(36, dtype=np.uint8) % len(NAMES))
    files.save_array(paths.SPLIT, np.repeat(np.arange(len(SPLITS), dtype=np.uint8), 12))
    files.save_json(paths.EMOTIONS, {name: [name] for name in NAMES})
    train.main()
    path = paths.model_path(train.MODEL)
    assert emotions_of(path) == NAMES
    assert load_network(path).output_shape == (None, len(NAMES))
