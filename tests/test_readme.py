"""The README says what the project does: its table, its graph and its commands."""

import re

import yaml

from docs.readme import filled, parts
from tests.imports import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_table_and_graph_are_those_of_the_metrics_and_the_pipeline(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert filled(README, parts()) == README, "run `make readme`"


def test_files_that_the_readme_names_exist():
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / path).exists(), path


def test_make_targets_that_the_readme_names_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", README)) <= targets


def test_parameters_that_the_readme_sets_exist():
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for key in re.findall(r"-S '?([\w.]+)=", README):
        section = params
        for part in key.split("."):
            assert part in section, key
            section = section[part]
