"""The published networks are whole, and are those that dvc.lock names."""

import hashlib

import yaml

from tests.imports import ROOT

FILES = [path for path in (ROOT / "released").rglob("*") if path.is_file()]


def test_a_released_file_has_the_md5_in_its_name():
    assert FILES
    for path in FILES:
        assert hashlib.md5(path.read_bytes()).hexdigest() == path.parent.name + path.name


def test_released_files_are_networks_of_dvc_lock():
    lock = yaml.safe_load((ROOT / "dvc.lock").read_text(encoding="utf-8"))
    outputs = {out["md5"]: out["path"] for stage in lock["stages"].values() for out in stage.get("outs", [])}
    assert all(outputs[path.parent.name + path.name].endswith(".keras") for path in FILES)
