"""Searches in YAML: what is drawn, and what is refused in one line before anything is trained."""

import optuna
import pytest

from pipeline import params
from pipeline.params import ParamsError
from search.space import read_space
from tests.imports import ROOT
from tests.search.conftest import TINY, write


@pytest.fixture(autouse=True)
def at_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def read(tmp_path, **changes):
    write(tmp_path / "space.yaml", TINY | changes)
    return read_space(tmp_path / "space.yaml")


@pytest.mark.parametrize("name", ["recipe", "architecture", "published"])
def test_the_searches_that_are_there_are_sound_and_name_every_leaf_once(name):
    space = read_space(ROOT / "search" / f"{name}.yaml")
    assert not space.set.keys() & space.space.keys()


def test_the_network_that_a_search_starts_from_is_trained_as_ours():
    for section in ("train", "augmentation"):
        assert params.load(section, params.SEARCH) == params.load(section), section


def test_values_are_of_the_kind_of_the_leaf_and_within_its_bounds(tmp_path):
    leaves = {
        "train.momentum": {"low": 0, "high": 1},
        "train.warmup_epochs": {"low": 0.5, "high": 0.9},  # a whole number in params.yaml
        "train.epochs": {"low": 2, "high": 10, "step": 4},
        "train.precision": {"choices": ["float32", "mixed_bfloat16"]},
    }
    space, study = read(tmp_path, space=leaves), optuna.create_study()
    drawn = [space.values(study.ask()) for _ in range(20)]
    assert all(0 < values["train.momentum"] < 1 for values in drawn)
    assert all(0.5 < values["train.warmup_epochs"] < 0.9 for values in drawn)
    assert {values["train.epochs"] for values in drawn} == {2, 6, 10}
    assert {values["train.precision"] for values in drawn} == {"float32", "mixed_bfloat16"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"space": {"train.learning_rat": {"low": 0.1, "high": 1.0}}}, "params.yaml has no train.learning_rat"),
        ({"space": {"train": {"choices": [1]}}}, "params.yaml has no train"),
        ({"set": {"train.epoch": 3}}, "params.yaml has no train.epoch"),
        ({"space": {"train.momentum": {"low": 0.9, "high": 0.5}}}, "space.train.momentum: .*low below high.*Received"),
        ({"space": {"train.momentum": {"low": 0.0, "high": 0.5, "log": True}}}, "log: true above 0"),
        ({"space": {"train.momentum": {"low": 0.5}}}, "low, high"),
        ({"space": {"train.momentum": {"low": 0.5, "high": 1.5}}}, "train.momentum: .*less than or equal to 1.*1.5"),
        ({"space": {"train.precision": {"choices": ["float16"]}}}, "train.precision: .*float16"),
        ({"space": {"train.epochs": {"low": 2, "high": 9, "step": 2.5}}}, "train.epochs: step .* whole number.*2.5"),
        ({"space": {}}, "space: .*at least 1"),
        ({"spaces": {}}, "unknown key spaces"),
        ({"params": "other.yaml"}, "params must be one of params.yaml, .*Received: other.yaml"),
    ],
)
def test_what_cannot_be_searched_is_one_line(tmp_path, changes, message):
    with pytest.raises(ParamsError, match=rf"space\.yaml.*{message}") as caught:
        read(tmp_path, **changes)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(ParamsError, match=r"none\.yaml is missing: search/recipe\.yaml"):
        read_space(tmp_path / "none.yaml")
