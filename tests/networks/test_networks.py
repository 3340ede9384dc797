"""The networks: seven probabilities from raw grey values, preprocessing inside, augmentation outside."""

import dataclasses

import keras
import numpy as np
import pytest

from openfer.networks.build import build
from openfer.networks.inference import probabilities
from openfer.networks.inputs import DESCRIPTOR, IMAGE
from openfer.networks.layers import standardise
from tests.networks.small import SIZES, bare, noise, outputs, outputs_of, standardised

COUNT = 12


@pytest.fixture(scope="module", params=[("cnn", 0), ("cnn", 4), ("vgg", 0), ("vgg", 4), ("resnet", 0)], ids=str)
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
    wide = dataclasses.replace(SIZES, width=4)
    deep = dataclasses.replace(SIZES, embedding=16)
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


def seeing(**changes) -> keras.Model:
    """A VGG that sees faces in another way, with the statistics of some."""
    network = bare("vgg", sizes=dataclasses.replace(SIZES, **changes))
    standardise(network, noise(COUNT).inputs_with_mirror_images())
    return network


def test_a_network_sees_the_middle_of_the_face_alone():
    network, (images,) = seeing(crop=40), noise(COUNT).inputs()
    border, middle = images.copy(), images.copy()
    border[:, :4], border[:, :, -4:] = 0, 255
    middle[:, 4:44, 4:44] = 255 - middle[:, 4:44, 4:44]
    np.testing.assert_array_equal(outputs(network, [border]), outputs(network, [images]))
    assert np.abs(outputs(network, [middle]) - outputs(network, [images])).max() > 1e-5


@pytest.mark.parametrize("contrast", ["face", "local"])
def test_light_and_contrast_of_a_face_are_the_same_to_a_network_that_sees_each_face_by_itself(contrast):
    (images,) = noise(COUNT).inputs()
    network = seeing(contrast=contrast)
    expected = outputs(network, [images])
    np.testing.assert_allclose(outputs(network, [20 + 0.5 * images]), expected, atol=2e-3)
    assert np.abs(outputs(seeing(), [20 + 0.5 * images]) - outputs(seeing(), [images])).max() > 5e-3


def test_light_from_one_side_is_the_same_to_a_network_that_sees_each_pixel_in_its_surroundings():
    (images,) = noise(COUNT).inputs()
    ramp = np.linspace(0, 60, 48)[:, np.newaxis]
    changes = {
        contrast: np.abs(
            outputs(seeing(contrast=contrast), [images + ramp]) - outputs(seeing(contrast=contrast), [images])
        )
        for contrast in ("face", "local")
    }
    assert changes["local"].max() < 0.3 * changes["face"].max()


def test_a_face_of_one_grey_value_gives_numbers():
    black = np.zeros((1, 48, 48, 1), np.float32)
    for contrast in ("training", "face", "local"):
        assert np.isfinite(outputs(seeing(contrast=contrast), [black])).all()


def test_a_network_may_tell_eight_classes_apart():
    network = build("resnet", 0, SIZES, classes=8)
    assert network.output_shape == (None, 8)


def test_a_residual_unit_adds_to_what_it_is_given():
    network = bare("resnet")
    first = [layer for layer in network.layers if layer.name.startswith("block1_unit2")]
    for layer in first:
        if layer.name.endswith("conv2"):
            layer.set_weights([np.zeros_like(layer.get_weights()[0])])
    inputs = noise(COUNT).inputs()
    before, after = (outputs_of(network, f"block1_unit{unit}_add", inputs) for unit in (1, 2))
    np.testing.assert_array_equal(before, after)
