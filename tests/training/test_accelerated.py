"""The twin that is trained: the same function and the same training as the network, in faster arithmetic."""

import keras
import numpy as np
import pytest

from openfer.training.accelerated import FusedBatchNormalization, twin_of
from tests.networks.test_networks import faces, network_of, standardise


@pytest.fixture(scope="module", params=[0, 4], ids=["plain", "hybrid"])
def network_and_faces(request):
    keras.utils.set_random_seed(2)
    network, dataset = network_of("vgg", request.param), faces(request.param)
    standardise(network, dataset.inputs_of_both_views())
    return network, dataset


def probabilities(model, dataset, **how) -> np.ndarray:
    inputs = [array.astype(np.float32) for array in dataset.inputs()]
    return keras.ops.convert_to_numpy(model(inputs, **how))


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-6), ("mixed_bfloat16", 0.02)])
def test_twin_predicts_what_the_network_predicts(network_and_faces, precision, tolerance):
    network, dataset = network_and_faces
    twin = twin_of(network, precision)
    expected = probabilities(network, dataset, training=False)
    np.testing.assert_allclose(probabilities(twin, dataset, training=False), expected, atol=tolerance)


def test_weights_of_the_twin_are_float32_and_in_the_order_of_the_network(network_and_faces):
    network, _ = network_and_faces
    twin = twin_of(network, "mixed_bfloat16")
    assert [(w.name, w.shape) for w in twin.weights] == [(w.name, w.shape) for w in network.weights]
    assert {w.dtype for w in twin.trainable_weights} == {"float32"}
    assert twin.get_layer("block2_conv1").compute_dtype == "bfloat16"
    exact = {layer.name for layer in twin.layers if layer.compute_dtype == "float32"}
    assert exact >= {"standardise_image", "emotions"}


def test_fused_batch_normalisation_is_that_of_keras():
    rng = np.random.default_rng(0)
    pictures = rng.normal(3, 2, (16, 6, 6, 4)).astype(np.float32)
    plain, fused = keras.layers.BatchNormalization(momentum=0.9), FusedBatchNormalization(momentum=0.9)
    for layer in (plain, fused):
        layer.build(pictures.shape)
        layer.gamma.assign([1, 2, 0.5, 1.5])
        layer.beta.assign([0, 1, -1, 2])
    outputs = [keras.ops.convert_to_numpy(layer(pictures, training=True)) for layer in (plain, fused)]
    np.testing.assert_allclose(*outputs, atol=1e-5)
    np.testing.assert_allclose(plain.moving_mean, fused.moving_mean, atol=1e-6)
    np.testing.assert_allclose(plain.moving_variance, fused.moving_variance, rtol=2e-3)


def test_a_network_stays_made_of_plain_keras_layers(network_and_faces):
    network, _ = network_and_faces
    twin_of(network, "mixed_bfloat16")
    assert all(type(layer).__module__.startswith("keras.") for layer in network.layers)
    assert {layer.compute_dtype for layer in network.layers} == {"float32"}
