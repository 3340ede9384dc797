"""Artifacts: saved whole or not at all, read back as they were, equal content in equal bytes."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

from openfer import files as artifacts
from openfer.networks.build import build
from openfer.networks.layers import standardise
from openfer.networks.settings import Fusion, Sizes
from tests.imports import ROOT


def network() -> keras.Model:
    keras.utils.set_random_seed(7)
    fusion = Fusion(units=4, input_dropout=0.1, dropout=0.3, branch_dropout=0.2)
    built = build("cnn", 3, Sizes(width=2, embedding=4, block_dropout=0.1, dropout=0.3), fusion)
    rng = np.random.default_rng(0)
    standardise(built, {"image": rng.integers(0, 256, (8, 48, 48, 1)), "descriptor": rng.random((8, 3))})
    return built


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A network and its file."""
    path = tmp_path_factory.mktemp("networks") / "network.keras"
    built = network()
    artifacts.save_network(path, built)
    return built, path


def test_replacing_puts_the_file_in_place_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "new" / "folder" / "a.txt"
    with artifacts.replacing(path) as temporary:
        temporary.write_text("whole", encoding="utf-8")
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "whole"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(error), artifacts.replacing(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise error
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("save", "content"),
    [
        (artifacts.save_array, np.array([{}])),
        (artifacts.save_json, {"a": object()}),
        (artifacts.save_csv, [{"a": 1}, {"b": 2}]),
        (artifacts.save_csv, []),
        (artifacts.save_network, object()),
        (artifacts.save_figure, object()),
    ],
)
def test_what_cannot_be_saved_leaves_nothing_behind(tmp_path, save, content):
    with pytest.raises((TypeError, ValueError, AttributeError, IndexError)):
        save(tmp_path / "file", content)
    assert list(tmp_path.iterdir()) == []


def test_an_array_comes_back_with_its_type_read_only(tmp_path):
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    artifacts.save_array(tmp_path / "a.npy", array)
    loaded = artifacts.load_array(tmp_path / "a.npy")
    np.testing.assert_array_equal(loaded, array)
    assert loaded.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        loaded[0] = 1


def test_an_array_with_a_pickle_is_not_opened(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{"code": "any"}]), allow_pickle=True)
    with pytest.raises(ValueError, match="Python objects"):
        artifacts.load_array(tmp_path / "a.npy")


def test_json_comes_back_in_its_order_and_ends_with_a_newline(tmp_path):
    content = {"z": 1, "a": {"share": 0.1, "name": "Ekman – 1978"}}
    artifacts.save_json(tmp_path / "a.json", content)
    assert artifacts.load_json(tmp_path / "a.json") == content
    assert list(artifacts.load_json(tmp_path / "a.json")) == ["z", "a"]
    assert (tmp_path / "a.json").read_bytes().endswith(b"}\n")


def test_csv_comes_back_as_text_with_unix_line_ends(tmp_path):
    artifacts.save_csv(tmp_path / "a.csv", [{"epoch": 1, "note": 'a, "b"'}, {"epoch": 2, "note": "ü"}])
    assert artifacts.load_csv(tmp_path / "a.csv") == [{"epoch": "1", "note": 'a, "b"'}, {"epoch": "2", "note": "ü"}]
    assert (tmp_path / "a.csv").read_bytes().startswith(b"epoch,note\n1,")


def test_equal_figures_are_equal_files_without_time_or_version(tmp_path):
    for name in ("one.png", "two.png"):
        figure = Figure()
        figure.subplots().plot([1, 3, 2])
        artifacts.save_figure(tmp_path / name, figure)
    content = (tmp_path / "one.png").read_bytes()
    assert content == (tmp_path / "two.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert b"tEXt" not in content


def test_a_network_built_alike_in_this_process_is_an_equal_file(saved, tmp_path):
    _, path = saved
    artifacts.save_network(tmp_path / "again.keras", network())
    assert (tmp_path / "again.keras").read_bytes() == path.read_bytes()


def test_a_network_built_alike_in_another_process_is_an_equal_file(saved, tmp_path):
    # Object ids are addresses in memory: only another process has others.
    _, path = saved
    code = "import sys; from pathlib import Path; from tests.test_files import artifacts, network\n"
    code += "artifacts.save_network(Path(sys.argv[1]), network())"
    command = [sys.executable, "-c", code, os.fspath(tmp_path / "again.keras")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert (tmp_path / "again.keras").read_bytes() == path.read_bytes()


def test_a_saved_network_tells_no_date(saved):
    _, path = saved
    with zipfile.ZipFile(path) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b'"date_saved": "-"' in archive.read("metadata.json")


def test_a_network_comes_back_with_the_same_probabilities(saved):
    built, path = saved
    rng = np.random.default_rng(1)
    inputs = [rng.integers(0, 256, (5, 48, 48, 1), np.uint8), rng.random((5, 3), np.float32)]
    loaded = artifacts.load_network(path)
    np.testing.assert_array_equal(loaded.predict(inputs, verbose=0), built.predict(inputs, verbose=0))


def test_saving_a_network_leaves_one_file(saved):
    _, path = saved
    assert list(path.parent.iterdir()) == [path]


def test_digest_is_the_sha256_of_the_content(tmp_path):
    (tmp_path / "a").write_bytes(b"faces")
    assert artifacts.digest(tmp_path / "a") == hashlib.sha256(b"faces").hexdigest()


def test_the_root_is_that_of_dvc_and_otherwise_the_working_folder(monkeypatch):
    monkeypatch.setenv("DVC_ROOT", os.fspath(Path("user", "project")))
    assert artifacts.checkpoint_folder("cnn", "0f") == Path("user/project/.checkpoints/cnn/0f")
    monkeypatch.delenv("DVC_ROOT")
    assert artifacts.checkpoint_folder("cnn", "0f") == Path(".checkpoints/cnn/0f")


def test_a_clone_of_an_experiment_is_not_the_workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for root, expected in ((tmp_path, True), (tmp_path / "another", False)):
        monkeypatch.setenv("DVC_ROOT", os.fspath(root))
        assert artifacts.in_workspace() is expected
    monkeypatch.delenv("DVC_ROOT")
    assert artifacts.in_workspace()


def test_models_are_named_after_network_and_descriptor():
    assert artifacts.model_name("cnn") == "cnn"
    assert artifacts.model_path(artifacts.model_name("vgg", "dsift")) == Path("models/vgg-dsift.keras")
