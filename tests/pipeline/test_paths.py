"""Where everything lies: in the user's project, also when DVC runs in a clone of it."""

import os
from pathlib import Path

from pipeline import paths


def test_the_root_is_that_of_dvc_and_otherwise_the_working_folder(monkeypatch):
    monkeypatch.setenv("DVC_ROOT", os.fspath(Path("user", "project")))
    assert paths.checkpoint_folder("cnn", "0f") == Path("user/project/.checkpoints/cnn/0f")
    monkeypatch.delenv("DVC_ROOT")
    assert paths.checkpoint_folder("cnn", "0f") == Path(".checkpoints/cnn/0f")


def test_a_clone_of_an_experiment_is_not_the_workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for root, expected in ((tmp_path, True), (tmp_path / "another", False)):
        monkeypatch.setenv("DVC_ROOT", os.fspath(root))
        assert paths.in_workspace() is expected
    monkeypatch.delenv("DVC_ROOT")
    assert paths.in_workspace()


def test_models_are_named_after_network_and_descriptor():
    assert paths.model_name("cnn") == "cnn"
    assert paths.model_path(paths.model_name("vgg", "dsift")) == Path("models/vgg-dsift.keras")
    assert paths.descriptor_of("vgg-dsift") == "dsift"
    assert paths.descriptor_of("vgg") is None
