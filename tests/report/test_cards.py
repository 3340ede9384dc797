"""Cards have the figures of both splits, and how the exported model does at its threshold on PrivateTest."""

import runpy
import sys

import numpy as np
import pytest

import stages
from openfer import files
from openfer.errors import Refused
from openfer.evaluation.calibration import scaled
from openfer.evaluation.ensemble import MODELS, SYSTEMS, systems
from openfer.export.calibration import at_threshold
from openfer.export.model_folder import FACTS, ExportedModel
from pipeline import paths
from report import cards
from tests.imports import ROOT
from tests.report.conftest import of_public_test


@pytest.fixture
def evaluated(project):
    """The project after PrivateTest was evaluated."""
    public = of_public_test(project.labels)
    for figures in public["systems"].values():
        figures["accuracy"] = 0.6543
    files.save_json(paths.evaluation_path(paths.PRIVATE_TEST), public)
    return project


def threshold_of(card: str) -> list[str]:
    line = [line for line in card.splitlines() if line.startswith("| PrivateTest")][-1]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


@pytest.mark.parametrize("system", ["vgg", "cnn+sift", "all"])
def test_the_share_at_the_threshold_is_that_of_private_test_without_duplicates(evaluated, system):
    rows = evaluated.rows[4:]
    predicted = {
        model: ExportedModel.load(paths.exported_path(model)).uncalibrated(evaluated.images[rows]) for model in MODELS
    }
    probabilities = systems(predicted)[system]
    median = float(np.median(scaled(probabilities, 0.8).max(axis=1)))
    path = paths.exported_path(system) / FACTS
    files.save_json(path, files.load_json(path) | {"temperature": 0.8, "unsure_below": median})
    cards.main([system])
    found = at_threshold(probabilities, evaluated.labels[rows], files.load_json(path))
    assert found["sure_share"] == 11 / 21
    shares = [found[key] for key in ("sure_share", "sure_accuracy", "accuracy")]
    card = (paths.CARDS / f"{system}.md").read_text(encoding="utf-8")
    assert threshold_of(card) == [f"{share:.1%}" for share in shares]


def test_the_card_has_the_figures_of_both_splits(evaluated):
    cards.main(["vgg"])
    card = (paths.CARDS / "vgg.md").read_text(encoding="utf-8")
    assert "30.00%" in card
    assert "65.43%" in card


def test_every_system_has_a_card_and_those_that_are_named_alone_are_written(evaluated):
    cards.main(["vgg", "all"])
    assert {path.stem for path in paths.CARDS.iterdir()} == {"vgg", "all"}
    cards.main(SYSTEMS)
    assert {path.stem for path in paths.CARDS.iterdir()} == set(SYSTEMS)


def test_only_the_members_of_the_named_systems_are_loaded(evaluated, monkeypatch):
    loaded = []
    load = ExportedModel.load
    monkeypatch.setattr(ExportedModel, "load", lambda folder: loaded.append(folder.name) or load(folder))
    cards.main(["cnn+sift", "cnn"])
    assert loaded == ["cnn", "cnn-sift"]


def test_an_exported_model_is_left_as_it_is(evaluated):
    before = {path: path.read_bytes() for path in paths.EXPORTED.rglob("*") if path.is_file()}
    cards.main(["vgg"])
    assert {path: path.read_bytes() for path in paths.EXPORTED.rglob("*") if path.is_file()} == before


def test_private_test_that_was_not_evaluated_is_one_line(project):
    with pytest.raises(Refused, match=r"metrics/private_test/evaluation\.json is missing") as error:
        cards.main(["vgg"])
    assert "\n" not in str(error.value)


def test_private_test_that_is_nothing_but_duplicates_is_one_line(evaluated):
    images = evaluated.images.copy()
    images[evaluated.rows] = images[np.flatnonzero(evaluated.split == 0)[0]]
    files.save_array(paths.IMAGES, images)
    with pytest.raises(Refused, match="every image of PrivateTest has a duplicate in Training"):
        cards.main(["vgg"])


@pytest.mark.parametrize(("words", "expected"), [([], SYSTEMS), (["vgg", "all"], ["vgg", "all"])])
def test_the_command_line_names_systems_and_no_name_means_all(monkeypatch, words, expected):
    ran = []
    monkeypatch.setattr(stages, "run", lambda main, names: ran.append(names))
    monkeypatch.setattr(sys, "argv", ["report/cards.py", *words])
    runpy.run_path(str(ROOT / "report" / "cards.py"), run_name="__main__")
    assert ran == [expected]


def test_an_unknown_system_is_one_line(evaluated):
    with pytest.raises(Refused, match="Received: 'alexnet'"):
        cards.main(["alexnet"])
