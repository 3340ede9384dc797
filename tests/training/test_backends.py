"""The same code trains under every Keras backend, and a network trained under one predicts the same under another."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.imports import ROOT

BACKENDS = ("tensorflow", "jax", "torch")


def one_epoch(backend: str, *arguments: object) -> list:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.one_epoch", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module", params=BACKENDS)
def trained(request, tmp_path_factory):
    path = tmp_path_factory.mktemp(request.param) / "network.keras"
    row, probabilities = one_epoch(request.param, path, "float32")
    return row, path, np.array(probabilities)


def test_one_epoch_learns(trained):
    row, *_ = trained
    assert row["train_loss"] < np.log(7)
    assert row["public_accuracy"] > 0.3


@pytest.mark.parametrize("other", BACKENDS)
def test_a_network_predicts_the_same_under_another_backend(trained, other):
    row, path, expected = trained
    if other == row["backend"]:
        pytest.skip("this is about another backend")
    (probabilities,) = one_epoch(other, path, "--predict")
    np.testing.assert_allclose(probabilities, expected, atol=1e-4)


def test_mixed_precision_learns_under_jax(tmp_path):
    row, _ = one_epoch("jax", tmp_path / "network.keras", "mixed_bfloat16")
    assert row["backend"] == "jax"
    assert row["public_accuracy"] > 0.3
