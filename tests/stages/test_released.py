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
    """The networks of dvc.lock by MD5."""
    lock = yaml.safe_load((ROOT / "dvc.lock").read_text(encoding="utf-8"))
    outputs = {out["md5"]: out["path"] for stage in lock["stages"].values() for out in stage.get("outs", [])}
    return {md5: path for md5, path in outputs.items() if path.endswith(".keras")}


def test_released_files_are_networks_of_dvc_lock():
    assert {path.parent.name + path.name for path in FILES} <= set(networks())


def test_the_model_of_the_program_is_small_and_made_of_a_network_of_dvc_lock():
    bundle = ExportedModel.load(MODEL)
    assert bundle.facts["provenance"] == {path: md5 for md5, path in networks().items() if path == "models/vgg.keras"}
    assert sum(path.stat().st_size for path in MODEL.iterdir()) < 10e6


def test_the_card_of_the_program_s_model_is_the_report_s():
    card = (MODEL / "README.md").read_text(encoding="utf-8")
    assert card == (ROOT / paths.CARDS / "vgg.md").read_text(encoding="utf-8")
    facts = ExportedModel.load(MODEL).facts
    assert f"{facts['public_test']['sure_accuracy']:.1%}" in card
