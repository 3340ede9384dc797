"""The networks: seven probabilities from raw grey values, preprocessing inside, augmentation outside."""

import numpy as np
import pytest

from openfer.networks.inference import probabilities
from openfer.networks.inputs import DESCRIPTOR, IMAGE
from openfer.networks.layers import standardise
from openfer.networks.settings import Sizes
from tests.networks.small import bare, noise, outputs, outputs_of, standardised

COUNT = 12


@pytest.fixture(scope="module", params=[("cnn", 0), ("cnn", 4), ("vgg", 0), ("vgg", 4)], ids=str)
def built(request):
    """A network with the statistics of its faces."""
    name, descriptor_size = request.param
    dataset = noise(COUNT, descriptor_size)
    return standardised(name, dataset), dataset


def test_faces_become_seven_probabilities(built):
    network, dataset = built
    found = outputs(network, dataset.inputs())
    assert (found.shape, found.dtype) == ((COUNT, 7), np.float32)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert found.min() > 0


def test_inputs_are_the_picture_and_for_a_hybrid_the_descriptor(built):
    network, dataset = built
    expected = {IMAGE: (None, 48, 48, 1)}
    if dataset.descriptor_size:
        expected |= {DESCRIPTOR: (None, 4)}
    assert {tensor.name: tensor.shape for tensor in network.inputs} == expected


def test_picture_and_descriptor_both_count(built):
    network, dataset = built
    inputs = dataset.inputs()
    before = outputs(network, inputs)
    for index in range(len(inputs)):
        changed = [array[::-1] if index == place else array for place, array in enumerate(inputs)]
        assert np.abs(outputs(network, changed) - before).max() > 1e-5


def test_every_layer_has_the_same_name_in_the_next_network(built):
    network, dataset = built
    names = [layer.name for layer in network.layers]
    again = bare(network.name, dataset.descriptor_size)
    assert [layer.name for layer in again.layers] == names
    assert len(set(names)) == len(names)


def test_a_wider_network_has_more_parameters(built):
    network, dataset = built
    wide = Sizes(width=4, embedding=8, block_dropout=0.1, dropout=0.2)
    deep = Sizes(width=2, embedding=16, block_dropout=0.1, dropout=0.2)
    for larger in (wide, deep):
        parameters = bare(network.name, dataset.descriptor_size, larger).count_params()
        assert parameters > network.count_params()


def test_dropout_is_at_work_in_training_only(built):
    network, dataset = built
    first, second = (outputs(network, dataset.inputs()) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    dropouts = {layer.name: layer.rate for layer in network.layers if hasattr(layer, "rate")}
    assert dropouts["embedding_dropout"] == 0.2
    assert dropouts["block1_dropout"] == 0.1
    if dataset.descriptor_size:
        branch = [dropouts[f"descriptor_{part}"] for part in ("input_dropout", "dropout", "branch_dropout")]
        assert branch == [0.3, 0.4, 0.5]


def test_the_training_faces_leave_the_normalisation_with_mean_0_and_variance_1(built):
    network, dataset = built
    found = outputs_of(network, "standardise_image", dataset.inputs())
    assert found.mean() == pytest.approx(0, abs=1e-4)
    assert found.var() == pytest.approx(1, abs=1e-4)


def test_each_value_of_the_descriptors_of_faces_and_mirror_images_is_normalised_by_itself():
    dataset, network = noise(COUNT, 4), bare("cnn", 4)
    dataset.descriptors[..., 1] *= 1000
    standardise(network, dataset.inputs_with_mirror_images())
    pair = [outputs_of(network, "standardise_descriptor", dataset.inputs(mirrored)) for mirrored in (0, 1)]
    both = np.concatenate(pair)
    np.testing.assert_allclose(both.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(both.var(axis=0), 1, atol=1e-3)


@pytest.fixture(scope="module")
def with_a_constant():
    dataset = noise(COUNT, 4)
    dataset.descriptors[..., 2] = 0.1
    return standardised("cnn", dataset), dataset


def test_a_constant_value_of_the_descriptors_becomes_zero(with_a_constant):
    network, dataset = with_a_constant
    found = outputs_of(network, "standardise_descriptor", dataset.inputs())
    np.testing.assert_array_equal(found[:, 2], 0)
    assert np.isfinite(outputs(network, dataset.inputs())).all()


def test_a_value_that_was_constant_in_training_does_not_drown_a_face_where_it_is_not(with_a_constant):
    network, dataset = with_a_constant
    images, descriptors = dataset.inputs()
    descriptors[:, 2] = 0.2
    found = outputs_of(network, "standardise_descriptor", [images, descriptors])
    assert np.abs(found[:, 2]).max() < 10


def test_branch_dropout_leaves_out_the_whole_descriptor_of_a_face():
    dataset = noise(40, 4)
    network = standardised("cnn", dataset)
    before = outputs_of(network, "descriptor_dropout", dataset.inputs())
    dropped = network.get_layer("descriptor_branch_dropout")(before, training=True)
    kept = np.asarray(dropped).any(axis=1)
    assert 0 < kept.sum() < before.any(axis=1).sum()
    np.testing.assert_allclose(np.asarray(dropped)[kept], before[kept] / (1 - 0.5), rtol=1e-5)


def test_bytes_and_floats_give_the_same_probabilities():
    dataset = noise(COUNT, 4)
    network = standardised("vgg", dataset)
    images, descriptors = dataset.inputs()
    found = probabilities(network, [images, descriptors])
    np.testing.assert_array_equal(found, probabilities(network, [images.astype(np.float32), descriptors]))
    np.testing.assert_allclose(found, outputs(network, [images, descriptors]), atol=1e-6)
