"""The published systems on five of the seven classes: one of each kind, from faces to figures."""

import shutil

import numpy as np
import pytest

from baselines import LENGTHS, NETWORKS, SYSTEMS, evaluate, fit, predict, train
from baselines.features import pictures
from baselines.networks.build import build
from baselines.networks.layers import Variant
from openfer import files
from openfer.emotions import PUBLIC_TEST, SPLITS
from openfer.networks.storage import emotions_of
from pipeline import paths
from sample.demo import set_params
from tests.baselines.conftest import TINY
from tests.conftest import NoStore
from tests.imports import ROOT
from tests.networks.small import noise

FIVE = ("angry", "happy", "sad", "surprise", "neutral")
KINDS = ("blog", "model_a-landmarks", "svm-landmarks")
EACH = 40
"""Faces of a split."""


@pytest.fixture
def five(tmp_path, monkeypatch):
    """A project of faces of five classes and their features; the current folder."""
    (tmp_path / "baselines").mkdir()
    for name in ("baselines/params.yaml", "versions.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    set_params(tmp_path / "baselines" / "params.yaml", TINY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr("pipeline.tracking.Child", NoStore)
    count, rng = EACH * len(SPLITS), np.random.default_rng(1)
    labels = np.arange(count, dtype=np.uint8) % len(FIVE)
    files.save_array(paths.IMAGES, noise(count).images)
    files.save_array(paths.LABELS, labels)
    files.save_array(paths.SPLIT, np.repeat(np.arange(len(SPLITS), dtype=np.uint8), EACH))
    files.save_json(paths.EMOTIONS, {name: [name] for name in FIVE})
    for name in ("landmarks", "hog", "sliding_hog"):
        values = labels[:, None] + rng.random((count, LENGTHS[name]), dtype=np.float32)
        files.save_array(paths.feature_path(name), values)


def test_each_kind_says_five_names_and_is_scored_on_them(five, monkeypatch):
    told = []
    monkeypatch.setattr(NoStore, "send", lambda store, message: told.append(message))
    for name in KINDS:
        (train if name in NETWORKS else fit).main(name)
        predict.main(PUBLIC_TEST, paths.BASELINES, name)
    runs = {message["name"]: message["tags"]["emotions"] for message in told if "tags" in message}
    assert runs == {f"baselines/{name}": ", ".join(FIVE) for name in KINDS}
    assert emotions_of(paths.model_path("baselines/blog")) == FIVE
    evaluate.main(KINDS)
    evaluation = files.load_json(paths.BASELINES / "evaluation.json")
    assert evaluation["protocol"] == "not the official FER2013 split, 5 of 7 classes"
    assert len(evaluation["machines"]["svm-landmarks"]["steps"]) == 10
    assert "sad, surprise" in evaluation["machines"]["svm-landmarks"]["steps"]
    for name in KINDS:
        assert tuple(evaluation["systems"][name]["classes"]) == FIVE
        table = files.load_csv(paths.probabilities_path(paths.BASELINES, name), ())
        assert tuple(table[0]) == ("row", *FIVE, "single_view")
    assert evaluation["systems"]["svm-landmarks"]["accuracy"] == 1
    cells = files.load_csv(paths.confusion_path(paths.BASELINES), ())
    assert {(cell["actual"], cell["predicted"]) for cell in cells} == {(one, other) for one in FIVE for other in FIVE}


@pytest.mark.parametrize("network", sorted({SYSTEMS[name].network for name in NETWORKS}))
def test_every_network_can_tell_five_classes_apart(network):
    assert build(network, 0, Variant(0.02, classes=5)).output_shape == (None, 5)


def test_pictures_of_the_features_have_the_names_of_the_classes(five, monkeypatch):
    named = []
    monkeypatch.setattr("openfer.drawing.features.landmarks", lambda faces, names, shapes: named.append(names))
    monkeypatch.setattr("openfer.files.save_figure", lambda path, figure: None)
    pictures.main()
    assert named == [list(FIVE)]
