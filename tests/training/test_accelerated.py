"""The accelerated copy that is trained: same function, same training as the network, in faster arithmetic."""

import dataclasses

import keras
import numpy as np
import pytest

from openfer.training.accelerated import FusedBatchNormalization, accelerated_copy
from tests.networks.small import SIZES, bare, noise, outputs, standardised


@pytest.fixture(scope="module")
def network():
    """A hybrid network: it has every kind of layer."""
    return standardised("vgg", noise(12, descriptor_size=4))


@pytest.fixture(scope="module")
def mixed(network):
    return accelerated_copy(network, "mixed_bfloat16")


def test_the_copy_predicts_what_the_network_predicts(network, mixed):
    inputs = noise(12, descriptor_size=4).inputs()
    expected = outputs(network, inputs)
    np.testing.assert_allclose(outputs(accelerated_copy(network, "float32"), inputs), expected, atol=1e-6)
    np.testing.assert_allclose(outputs(mixed, inputs), expected, atol=0.02)


def test_weights_of_the_copy_are_float32_and_in_the_order_of_the_network(network, mixed):
    assert [(w.name, w.shape) for w in mixed.weights] == [(w.name, w.shape) for w in network.weights]
    assert {w.dtype for w in mixed.trainable_weights} == {"float32"}
    assert mixed.get_layer("block2_conv1").compute_dtype == "bfloat16"
    exact = {layer.name for layer in mixed.layers if layer.compute_dtype == "float32"}
    assert exact >= {"standardise_image", "standardise_descriptor", "emotions"}


@pytest.mark.parametrize("contrast", ["face", "local"])
def test_grey_values_stay_in_float32_whatever_they_are_standardised_by(contrast):
    sizes = dataclasses.replace(SIZES, crop=40, contrast=contrast)
    built, inputs = bare("vgg", sizes=sizes), noise(12).inputs()
    copy = accelerated_copy(built, "mixed_bfloat16")
    first = copy.get_layer("block1_conv1").input
    seen = outputs(keras.Model(copy.inputs, first), inputs)
    expected = outputs(keras.Model(built.inputs, built.get_layer("block1_conv1").input), inputs)
    assert seen.dtype == np.float32
    np.testing.assert_allclose(seen, expected, atol=1e-5)


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


def test_pictures_are_normalised_by_the_fused_kernel_under_tensorflow(mixed):
    assert isinstance(mixed.get_layer("block1_bn1"), FusedBatchNormalization)
    assert not isinstance(mixed.get_layer("embedding_bn"), FusedBatchNormalization)


def test_a_network_stays_made_of_plain_keras_layers(network, mixed):
    assert all(type(layer).__module__.startswith("keras.") for layer in network.layers)
    assert {layer.compute_dtype for layer in network.layers} == {"float32"}
