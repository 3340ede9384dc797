"""Trained networks on the disk: equal networks are equal files, and a damaged one is one line."""

import os
import re
import subprocess
import sys
import time
import zipfile

import keras
import numpy as np
import pytest

from openfer.emotions import EMOTIONS
from openfer.files import FileError
from openfer.networks.storage import emotions_of, load_network, save_network
from openfer.training.accelerated import accelerated_copy
from openfer.training.augment_layer import Augment
from openfer.training.loop import augmented
from tests.imports import ROOT
from tests.networks.small import noise, outputs, standardised


def network() -> keras.Model:
    return standardised("cnn", noise(8, 3))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A network and its file."""
    path = tmp_path_factory.mktemp("networks") / "network.keras"
    built = network()
    save_network(path, built)
    return built, path


def test_a_network_built_alike_in_this_process_is_an_equal_file(saved, tmp_path):
    _, path = saved
    save_network(tmp_path / "again.keras", network())
    assert (tmp_path / "again.keras").read_bytes() == path.read_bytes()


def test_a_network_built_alike_in_another_process_is_an_equal_file(saved, tmp_path):
    # Object ids are addresses in memory: only another process has others.
    _, path = saved
    code = "import sys; from pathlib import Path; from tests.networks.test_storage import network, save_network\n"
    code += "save_network(Path(sys.argv[1]), network())"
    command = [sys.executable, "-c", code, os.fspath(tmp_path / "again.keras")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert (tmp_path / "again.keras").read_bytes() == path.read_bytes()


def test_a_saved_network_tells_no_date(saved):
    _, path = saved
    with zipfile.ZipFile(path) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b'"date_saved": "-"' in archive.read("metadata.json")


def test_a_network_comes_back_with_its_preprocessing_and_the_same_probabilities(saved):
    built, path = saved
    inputs = noise(5, 3).inputs()
    np.testing.assert_array_equal(outputs(load_network(path), inputs), outputs(built, inputs))


def test_saving_a_network_leaves_one_file(saved):
    _, path = saved
    assert list(path.parent.iterdir()) == [path]


def test_a_network_whose_copy_is_augmented_holds_no_augmentation(saved):
    built, path = saved
    model = augmented(accelerated_copy(built, "mixed_bfloat16"))
    assert any(isinstance(layer, Augment) for layer in model.layers)
    loaded = load_network(path)
    assert [tensor.name for tensor in loaded.inputs] == ["image", "descriptor"]
    assert not any(isinstance(layer, Augment | keras.Model) for layer in loaded.layers)
    inputs = noise(5, 3).inputs()
    np.testing.assert_array_equal(outputs(loaded, inputs), outputs(loaded, inputs))


def test_a_missing_network_is_said_to_be_missing(tmp_path):
    with pytest.raises(FileError, match=r"cnn\.keras is missing; `dvc checkout`"):
        load_network(tmp_path / "cnn.keras")


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.999])
def test_a_truncated_network_is_said_to_be_damaged(saved, tmp_path, keep):
    content = saved[1].read_bytes()
    (tmp_path / "cnn.keras").write_bytes(content[: int(keep * len(content))])
    with pytest.raises(
        FileError, match=rf"{re.escape(str(tmp_path))}/cnn\.keras is damaged \(.*`dvc checkout`"
    ) as error:
        load_network(tmp_path / "cnn.keras")
    assert "\n" not in str(error.value)


def test_a_network_with_a_changed_byte_is_said_to_be_damaged(saved, tmp_path):
    content = bytearray(saved[1].read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "cnn.keras").write_bytes(content)
    with pytest.raises(FileError, match="is damaged"):
        load_network(tmp_path / "cnn.keras")


def test_a_clock_before_1980_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 0.0)
    with pytest.raises(FileError, match=r"cnn\.keras cannot be written: the clock .* set the clock and run this again"):
        save_network(tmp_path / "cnn.keras", network())
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_cannot_be_saved_leaves_nothing_behind(tmp_path):
    with pytest.raises(AttributeError):
        save_network(tmp_path / "cnn.keras", object())
    assert list(tmp_path.iterdir()) == []


def test_a_network_says_what_it_tells_apart_and_that_of_the_seven_is_the_file_it_always_was(saved, tmp_path):
    built, path = saved
    assert emotions_of(path) == EMOTIONS
    save_network(tmp_path / "named.keras", built, EMOTIONS)
    assert (tmp_path / "named.keras").read_bytes() == path.read_bytes()
    names = ("bored", "müde", *EMOTIONS[:5])
    save_network(tmp_path / "named.keras", built, names)
    assert emotions_of(tmp_path / "named.keras") == names
    faces = noise(4, 3).inputs()
    np.testing.assert_array_equal(outputs(load_network(tmp_path / "named.keras"), faces), outputs(built, faces))


def test_names_of_a_missing_or_damaged_network_are_one_line(saved, tmp_path):
    with pytest.raises(FileError, match=r"named\.keras is missing"):
        emotions_of(tmp_path / "named.keras")
    (tmp_path / "named.keras").write_bytes(saved[1].read_bytes()[:-9])
    with pytest.raises(FileError, match=r"named\.keras is damaged"):
        emotions_of(tmp_path / "named.keras")
