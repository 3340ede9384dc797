"""Prediction: the mean of picture and mirror image, and the same whatever the size of the batches."""

import keras
import numpy as np
import pytest

from fer import prediction
from fer.dataset import Dataset
from fer.networks import build
from fer.networks.layers import Sizes, standardise

COUNT = 10


@pytest.fixture(scope="module")
def faces():
    rng = np.random.default_rng(2)
    descriptors = rng.random((COUNT, 2, 3), np.float32)
    return Dataset(rng.integers(0, 256, (COUNT, 48, 48), np.uint8), np.zeros(COUNT, np.uint8), descriptors)


@pytest.fixture(scope="module")
def network(faces):
    keras.utils.set_random_seed(3)
    built = build("cnn", Sizes(width=2, embedding=8, block_dropout=0.5, dropout=0.5), 3)
    standardise(built, faces.inputs_of_both_views())
    return built


@pytest.fixture(scope="module")
def plain(faces, network):
    """Probabilities of the pictures and of their mirror images, straight from the network."""
    pictures = faces.images[..., None].astype(np.float32)
    views = [(pictures, faces.descriptors[:, 0]), (pictures[:, :, ::-1], faces.descriptors[:, 1])]
    return [keras.ops.convert_to_numpy(network(list(view), training=False)) for view in views]


def test_without_mirror_it_is_the_network_alone(faces, network, plain):
    found = prediction.predict(network, faces, mirror=False)
    np.testing.assert_allclose(found, plain[0], atol=1e-6)
    assert (found.shape, found.dtype) == ((COUNT, 7), np.float32)


def test_with_mirror_it_is_the_mean_of_the_picture_and_the_mirror_image_with_its_own_descriptor(faces, network, plain):
    found = prediction.predict(network, faces)
    np.testing.assert_allclose(found, (plain[0] + plain[1]) / 2, atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert np.abs(found - plain[0]).max() > 1e-4


def test_a_mirrored_picture_is_predicted_like_the_picture(faces, network):
    mirrored = Dataset(faces.images[:, :, ::-1], faces.labels, faces.descriptors[:, ::-1])
    expected = prediction.predict(network, faces)
    np.testing.assert_allclose(prediction.predict(network, mirrored), expected, atol=1e-6)


@pytest.mark.parametrize("batch", [4, 5, 512])
def test_filling_up_the_last_batch_changes_nothing(faces, network, plain, batch, monkeypatch):
    monkeypatch.setattr(prediction, "BATCH", batch)
    np.testing.assert_allclose(prediction.predict(network, faces, mirror=False), plain[0], atol=1e-6)


def test_only_one_shape_reaches_the_network(faces, monkeypatch):
    monkeypatch.setattr(prediction, "BATCH", 4)
    network = Recorder()
    assert prediction.predict(network, faces, mirror=False).shape == (COUNT, 7)
    assert network.rows % 4 == 0
    assert network.batch_size == 4


class Recorder:
    """Stands in for a network and notes what it is given."""

    def predict(self, inputs: list[np.ndarray], batch_size: int, verbose: int) -> np.ndarray:
        self.rows, self.batch_size = len(inputs[0]), batch_size
        return np.full((self.rows, 7), 1 / 7, np.float32)


def test_a_single_face_is_predicted_as_among_others(faces, network, plain):
    found = prediction.predict(network, faces.select(np.array([6])), mirror=False)
    np.testing.assert_allclose(found, plain[0][6:7], atol=1e-6)
