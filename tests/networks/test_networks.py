"""The networks: seven probabilities from raw grey values, preprocessing inside, augmentation outside."""

import keras
import numpy as np
import pytest

from openfer.files import load_network, save_network
from openfer.networks import build, schemas
from openfer.networks.layers import standardise
from openfer.networks.settings import Fusion, Sizes
from openfer.training.augmentation import Augment, Ranges
from openfer.training.checkpoints import Checkpoints
from openfer.training.dataset import DESCRIPTOR, IMAGE, Dataset
from openfer.training.loop import train
from tests.training.test_loop import recipe

SIZES = Sizes(width=2, embedding=8, block_dropout=0.2, dropout=0.3)
FUSION = Fusion(units=8, input_dropout=0.4, dropout=0.5, branch_dropout=0.6)
COUNT = 12


def faces(descriptor_size: int) -> Dataset:
    rng = np.random.default_rng(4)
    images = rng.integers(20, 200, (COUNT, 48, 48), np.uint8)
    descriptors = 5 + 3 * rng.random((COUNT, 2, descriptor_size), np.float32) if descriptor_size else None
    return Dataset(images, rng.integers(0, 7, COUNT).astype(np.uint8), descriptors)


def network_of(name: str, descriptor_size: int, sizes: Sizes = SIZES) -> keras.Model:
    return build(name, descriptor_size, sizes, *([FUSION] if descriptor_size else []))


@pytest.fixture(scope="module", params=[("cnn", 0), ("cnn", 4), ("vgg", 0), ("vgg", 4)], ids=str)
def built(request):
    """A network with the statistics of its faces."""
    name, descriptor_size = request.param
    keras.utils.set_random_seed(1)
    network, dataset = network_of(name, descriptor_size), faces(descriptor_size)
    standardise(network, dataset.inputs_of_both_views())
    return network, dataset


def outputs_of(network: keras.Model, layer: str, inputs: list[np.ndarray]) -> np.ndarray:
    inner = keras.Model(network.inputs, network.get_layer(layer).output)
    return inner.predict(inputs, verbose=0)


def test_faces_become_seven_probabilities(built):
    network, dataset = built
    probabilities = network.predict(dataset.inputs(), verbose=0)
    assert (probabilities.shape, probabilities.dtype) == ((COUNT, 7), np.float32)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert probabilities.min() > 0


def test_inputs_are_the_picture_and_where_asked_the_descriptor(built):
    network, dataset = built
    expected = {IMAGE: (None, 48, 48, 1)}
    if dataset.descriptor_size:
        expected |= {DESCRIPTOR: (None, 4)}
    assert {tensor.name: tensor.shape for tensor in network.inputs} == expected


def test_picture_and_descriptor_both_count(built):
    network, dataset = built
    inputs = dataset.inputs()
    before = network.predict(inputs, verbose=0)
    for index in range(len(inputs)):
        changed = [array[::-1] if index == place else array for place, array in enumerate(inputs)]
        assert np.abs(network.predict(changed, verbose=0) - before).max() > 1e-5


def test_bytes_and_floats_give_the_same_probabilities(built):
    network, dataset = built
    images, *descriptors = dataset.inputs()
    as_floats = network.predict([images.astype(np.float32), *descriptors], verbose=0)
    np.testing.assert_array_equal(network.predict([images, *descriptors], verbose=0), as_floats)


def test_every_layer_has_the_same_name_in_the_next_network(built):
    network, dataset = built
    names = [layer.name for layer in network.layers]
    again = network_of(network.name, dataset.descriptor_size)
    assert [layer.name for layer in again.layers] == names
    assert len(set(names)) == len(names)


def test_a_wider_network_has_more_parameters(built):
    network, dataset = built
    wide = Sizes(width=4, embedding=8, block_dropout=0.2, dropout=0.3)
    deep = Sizes(width=2, embedding=16, block_dropout=0.2, dropout=0.3)
    for larger in (wide, deep):
        parameters = network_of(network.name, dataset.descriptor_size, larger).count_params()
        assert parameters > network.count_params()


def test_dropout_is_at_work_in_training_only(built):
    network, dataset = built
    inputs = [array.astype(np.float32) for array in dataset.inputs()]
    first, second = (network(inputs, training=False) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    dropouts = {layer.name: layer.rate for layer in network.layers if hasattr(layer, "rate")}
    assert dropouts["embedding_dropout"] == 0.3
    assert dropouts["block1_dropout"] == 0.2
    if dataset.descriptor_size:
        branch = [dropouts[f"descriptor_{part}"] for part in ("input_dropout", "dropout", "branch_dropout")]
        assert branch == [0.4, 0.5, 0.6]


def test_the_training_faces_leave_the_normalisation_with_mean_0_and_variance_1(built):
    network, dataset = built
    outputs = outputs_of(network, "standardise_image", dataset.inputs())
    assert outputs.mean() == pytest.approx(0, abs=1e-4)
    assert outputs.var() == pytest.approx(1, abs=1e-4)


def test_each_value_of_the_descriptors_of_both_views_is_normalised_by_itself():
    dataset, network = faces(4), network_of("cnn", 4)
    dataset.descriptors[..., 1] *= 1000
    standardise(network, dataset.inputs_of_both_views())
    views = [outputs_of(network, "standardise_descriptor", dataset.inputs(mirrored)) for mirrored in (0, 1)]
    both = np.concatenate(views)
    np.testing.assert_allclose(both.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(both.var(axis=0), 1, atol=1e-3)


@pytest.fixture(scope="module")
def with_a_constant():
    dataset, network = faces(4), network_of("cnn", 4)
    dataset.descriptors[..., 2] = 0.1
    standardise(network, dataset.inputs_of_both_views())
    return network, dataset


def test_a_constant_value_of_the_descriptors_becomes_zero(with_a_constant):
    network, dataset = with_a_constant
    outputs = outputs_of(network, "standardise_descriptor", dataset.inputs())
    np.testing.assert_array_equal(outputs[:, 2], 0)
    assert np.isfinite(network.predict(dataset.inputs(), verbose=0)).all()


def test_a_value_that_was_constant_in_training_does_not_drown_a_face_where_it_is_not(with_a_constant):
    network, dataset = with_a_constant
    images, descriptors = dataset.inputs()
    descriptors[:, 2] = 0.2
    outputs = outputs_of(network, "standardise_descriptor", [images, descriptors])
    assert np.abs(outputs[:, 2]).max() < 10


def test_a_saved_network_brings_its_preprocessing_along(built, tmp_path):
    network, dataset = built
    save_network(tmp_path / "network.keras", network)
    loaded = load_network(tmp_path / "network.keras")
    expected = network.predict(dataset.inputs(), verbose=0)
    np.testing.assert_array_equal(loaded.predict(dataset.inputs(), verbose=0), expected)


def test_a_trained_network_holds_no_augmentation(tmp_path):
    network, dataset = network_of("cnn", 0), faces(0)
    standardise(network, dataset.inputs_of_both_views())
    ranges = Ranges(rotation=10, scale=0.1, shift=0.1, gain=0.1, erase=1, fade=0)
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    train(network, dataset, dataset, recipe(epochs=1, batch_size=4), ranges, seed=1, checkpoints=checkpoints)
    save_network(tmp_path / "network.keras", network)
    loaded = load_network(tmp_path / "network.keras")
    assert [tensor.name for tensor in loaded.inputs] == [IMAGE]
    assert not any(isinstance(layer, Augment | keras.Model) for layer in loaded.layers)
    first, second = (loaded.predict(dataset.inputs(), verbose=0) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_branch_dropout_leaves_out_the_whole_descriptor_of_a_face():
    network, dataset = network_of("cnn", 4), faces(4)
    standardise(network, dataset.inputs_of_both_views())
    inner = keras.Model(network.inputs, network.get_layer("descriptor_branch_dropout").output)
    kept = keras.ops.convert_to_numpy(inner(dataset.inputs(), training=True)).any(axis=1)
    assert 0 < kept.sum() < COUNT


def test_a_hybrid_reads_what_fuses_it_and_a_plain_network_does_not():
    assert schemas("sift") == (Sizes, Fusion)
    assert schemas(None) == (Sizes,)
