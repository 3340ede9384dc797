"""Prediction: one view or the mean of ten, and the same whatever the size of the batches."""

import keras
import numpy as np
import pytest

from openfer.networks.build import build
from openfer.networks.layers import standardise
from openfer.networks.settings import Fusion, Sizes
from openfer.prediction import predict as prediction
from openfer.prediction.crops import TEN
from openfer.training.dataset import Dataset

COUNT = 10


@pytest.fixture(scope="module")
def faces():
    rng = np.random.default_rng(2)
    descriptors = rng.random((COUNT, 2, 3), np.float32)
    return Dataset(rng.integers(0, 256, (COUNT, 48, 48), np.uint8), np.zeros(COUNT, np.uint8), descriptors)


@pytest.fixture(scope="module")
def network(faces):
    keras.utils.set_random_seed(3)
    fusion = Fusion(units=8, input_dropout=0.5, dropout=0.5, branch_dropout=0.5)
    built = build("cnn", 3, Sizes(width=2, embedding=8, block_dropout=0.5, dropout=0.5), fusion)
    standardise(built, faces.inputs_of_both_views())
    return built


def straight(network, images, descriptors) -> np.ndarray:
    """Probabilities straight from the network."""
    return keras.ops.convert_to_numpy(network([images[..., None].astype(np.float32), descriptors], training=False))


@pytest.fixture(scope="module")
def plain(faces, network):
    return straight(network, faces.images, faces.descriptors[:, 0])


def test_one_view_is_the_network_alone(faces, network, plain):
    found = prediction.predict(network, faces)
    np.testing.assert_allclose(found, plain, atol=1e-6)
    assert (found.shape, found.dtype) == ((COUNT, 7), np.float32)


def test_a_mirrored_view_has_the_descriptor_of_the_mirror_image(faces, network):
    expected = straight(network, faces.images[:, :, ::-1], faces.descriptors[:, 1])
    np.testing.assert_allclose(prediction.predict(network, faces, (1, (0, 0))), expected, atol=1e-6)


def test_a_shifted_view_moves_down_and_right_and_repeats_the_border(faces, network):
    shifted = np.empty_like(faces.images)
    shifted[:, 3:, :-2] = faces.images[:, :-3, 2:]
    shifted[:, 3:, -2:] = faces.images[:, :-3, -1:]
    shifted[:, :3] = shifted[:, 3:4]
    expected = straight(network, shifted, faces.descriptors[:, 0])
    np.testing.assert_allclose(prediction.predict(network, faces, (0, (3, -2))), expected, atol=1e-6)


def test_ten_views_are_five_places_and_their_mirror_images():
    assert len(set(TEN)) == 10
    assert {mirrored for mirrored, _ in TEN} == {0, 1}
    assert np.sum([shift for _, shift in TEN]) == 0


def test_ten_views_are_averaged(faces, network):
    views = [prediction.predict(network, faces, view) for view in TEN]
    found = prediction.predict_ten_crop(network, faces)
    np.testing.assert_allclose(found, np.mean(views, axis=0), atol=1e-6)
    assert np.ptp(views, axis=0).max() > 1e-4


def test_ten_views_of_a_mirrored_face_are_those_of_the_face(faces, network):
    mirrored = Dataset(faces.images[:, :, ::-1], faces.labels, faces.descriptors[:, ::-1])
    expected = prediction.predict_ten_crop(network, faces)
    np.testing.assert_allclose(prediction.predict_ten_crop(network, mirrored), expected, atol=1e-6)


@pytest.mark.parametrize("batch", [4, 5, 512])
def test_filling_up_the_last_batch_changes_nothing(faces, network, plain, batch, monkeypatch):
    monkeypatch.setattr(prediction, "BATCH", batch)
    np.testing.assert_allclose(prediction.predict(network, faces), plain, atol=1e-6)


def test_only_one_shape_reaches_the_network(faces, monkeypatch):
    monkeypatch.setattr(prediction, "BATCH", 4)
    network = Recorder()
    assert prediction.predict(network, faces).shape == (COUNT, 7)
    assert network.rows % 4 == 0
    assert network.batch_size == 4


class Recorder:
    """Stands in for a network and notes what it is given."""

    def predict(self, inputs: list[np.ndarray], batch_size: int, verbose: int) -> np.ndarray:
        self.rows, self.batch_size = len(inputs[0]), batch_size
        return np.full((self.rows, 7), 1 / 7, np.float32)


def test_a_single_face_is_predicted_as_among_others(faces, network, plain):
    found = prediction.predict(network, faces.select(np.array([6])))
    np.testing.assert_allclose(found, plain[6:7], atol=1e-6)
