"""Prediction of a data set: one crop, or the mean of ten, with the descriptors that belong to them."""

import numpy as np
import pytest

from openfer.prediction.crops import TEN
from openfer.prediction.predict import predict, predict_ten_crop
from openfer.training.dataset import Dataset
from tests.networks.small import noise, outputs, standardised

COUNT = 10


@pytest.fixture(scope="module")
def faces():
    return noise(COUNT, 3)


@pytest.fixture(scope="module")
def network(faces):
    return standardised("cnn", faces)


def straight(network, images, descriptors) -> np.ndarray:
    """Probabilities straight from the network."""
    return outputs(network, [images[..., None], descriptors])


def test_one_crop_is_the_network_alone(faces, network):
    expected = straight(network, faces.images, faces.descriptors[:, 0])
    np.testing.assert_allclose(predict(network, faces), expected, atol=1e-6)


def test_a_mirrored_crop_has_the_descriptor_of_the_mirror_image(faces, network):
    expected = straight(network, faces.images[:, :, ::-1], faces.descriptors[:, 1])
    np.testing.assert_allclose(predict(network, faces, (1, (0, 0))), expected, atol=1e-6)
    unmirrored = straight(network, faces.images[:, :, ::-1], faces.descriptors[:, 0])
    assert np.abs(unmirrored - expected).max() > 1e-4


def test_a_shifted_crop_has_the_descriptor_of_the_face(faces, network):
    shifted = np.empty_like(faces.images)
    shifted[:, 3:, :-2] = faces.images[:, :-3, 2:]
    shifted[:, 3:, -2:] = faces.images[:, :-3, -1:]
    shifted[:, :3] = shifted[:, 3:4]
    expected = straight(network, shifted, faces.descriptors[:, 0])
    np.testing.assert_allclose(predict(network, faces, (0, (3, -2))), expected, atol=1e-6)


def test_ten_crops_are_averaged(faces, network):
    crops = [predict(network, faces, crop) for crop in TEN]
    np.testing.assert_allclose(predict_ten_crop(network, faces), np.mean(crops, axis=0), atol=1e-6)
    assert np.ptp(crops, axis=0).max() > 1e-4


def test_ten_crops_of_a_mirrored_face_are_those_of_the_face(faces, network):
    mirrored = Dataset(faces.images[:, :, ::-1], faces.labels, faces.descriptors[:, ::-1])
    expected = predict_ten_crop(network, faces)
    np.testing.assert_allclose(predict_ten_crop(network, mirrored), expected, atol=1e-6)


def test_each_of_the_ten_crops_goes_through_the_network_once(faces):
    seen = []

    class Recorder:
        def predict(self, inputs, **_):
            seen.append(inputs[0][:COUNT, ..., 0].copy())
            return np.full((len(inputs[0]), 7), 1 / 7, np.float32)

    predict_ten_crop(Recorder(), faces)
    assert len(seen) == 10
    assert len({crop.tobytes() for crop in seen}) == 10
