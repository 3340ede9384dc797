"""The same code trains under every Keras backend, and a network trained under one predicts the same under another."""

import importlib.util
import itertools
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.imports import ROOT

BACKENDS = [name for name in ("tensorflow", "jax", "torch") if importlib.util.find_spec(name)]


def one_epoch(backend: str, *arguments: object) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.one_epoch", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["backend"] == backend
    return found


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """What each backend said after training: the epochs, and the probabilities by all networks that were there."""
    folder = tmp_path_factory.mktemp("networks")
    precisions = {"tensorflow": ["float32"]}  # mixed precision under TensorFlow is what every stage trains with
    return {
        backend: one_epoch(backend, folder, *precisions.get(backend, ["float32", "mixed_bfloat16"]))
        for backend in BACKENDS
    }, folder


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_epoch_learns_in_every_precision(trained, backend):
    for row in trained[0][backend]["epochs"]:
        assert row["train_loss"] < np.log(7)
        assert row["public_accuracy"] > 0.3


@pytest.mark.skipif(len(BACKENDS) < 2, reason="needs another backend beside TensorFlow: pip install jax")
def test_a_network_predicts_the_same_under_every_backend(trained):
    found, folder = trained
    again = {backend: one_epoch(backend, folder) for backend in BACKENDS[:-1]} | {BACKENDS[-1]: found[BACKENDS[-1]]}
    for network, other in itertools.product(BACKENDS, BACKENDS):
        expected = found[network]["probabilities"][network]
        np.testing.assert_allclose(again[other]["probabilities"][network], expected, atol=1e-4)
