"""The published networks and the program's model are whole, and are those that dvc.lock names."""

import hashlib

import yaml

from openfer import MODEL
from openfer.export.model_folder import ExportedModel
from pipeline import paths
from tests.imports import ROOT

FILES = [path for path in (ROOT / "released").rglob("*") if path.is_file()]


def test_a_released_file_has_the_md5_in_its_name():
    assert FILES
    for path in FILES:
        assert hashlib.md5(path.read_bytes()).hexdigest() == path.parent.name + path.name


def networks() -> dict[str, str]:
    """The networks of dvc.lock and crowd/dvc.lock by MD5."""
    locks = [yaml.safe_load((ROOT / name).read_text(encoding="utf-8")) for name in ("dvc.lock", "crowd/dvc.lock")]
    outputs = [out for lock in locks for stage in lock["stages"].values() for out in stage.get("outs", [])]
    return {out["md5"]: out["path"] for out in outputs if out["path"].endswith(".keras")}


def test_the_networks_of_the_locks_are_released_and_nothing_else():
    assert {path.parent.name + path.name for path in FILES} == set(networks())


def test_the_model_of_the_program_is_small_and_made_of_the_network_of_the_crowd():
    bundle = ExportedModel.load(MODEL)
    expected = {path: md5 for md5, path in networks().items() if path == "models/crowd-vgg.keras"}
    assert (bundle.facts["labels"], bundle.facts["provenance"]) == ("crowd", expected)
    assert sum(path.stat().st_size for path in MODEL.iterdir()) < 10e6


def test_the_card_of_the_program_s_model_is_the_report_s():
    card = (MODEL / "README.md").read_text(encoding="utf-8")
    assert card == (ROOT / paths.PRIVATE_CROWD / "cards" / "crowd-vgg.md").read_text(encoding="utf-8")
    facts = ExportedModel.load(MODEL).facts
    assert f"{facts['public_test']['sure_accuracy']:.1%}" in card
