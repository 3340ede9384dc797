"""Inference in batches of one shape: the same probabilities whatever the size of the batches."""

import numpy as np
import pytest

from openfer.networks import inference
from tests.networks.small import noise, outputs, standardised

COUNT = 10


@pytest.fixture(scope="module")
def network():
    return standardised("cnn", noise(COUNT, 3))


@pytest.fixture(scope="module")
def expected(network):
    return outputs(network, noise(COUNT, 3).inputs())


@pytest.mark.parametrize("batch", [4, 5, 512])
def test_filling_up_the_last_batch_changes_nothing(network, expected, batch, monkeypatch):
    monkeypatch.setattr(inference, "BATCH", batch)
    found = inference.probabilities(network, noise(COUNT, 3).inputs())
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert (found.shape, found.dtype) == ((COUNT, 7), np.float32)


def test_only_one_shape_reaches_the_network(monkeypatch):
    monkeypatch.setattr(inference, "BATCH", 4)
    network = Recorder()
    assert inference.probabilities(network, noise(COUNT, 3).inputs()).shape == (COUNT, 7)
    assert network.rows % 4 == 0
    assert network.batch_size == 4


class Recorder:
    """Stands in for a network and notes what it is given."""

    def predict(self, inputs: list[np.ndarray], batch_size: int, verbose: int) -> np.ndarray:
        self.rows, self.batch_size = len(inputs[0]), batch_size
        return np.full((self.rows, 7), 1 / 7, np.float32)


def test_a_single_face_is_predicted_as_among_others(network, expected):
    found = inference.probabilities(network, noise(COUNT, 3).select(np.array([6])).inputs())
    np.testing.assert_allclose(found, expected[6:7], atol=1e-6)
