"""The published networks: as many parameters as their authors', preprocessing inside, layers in their order."""

import keras
import numpy as np
import pytest

from baselines import LENGTHS, NETWORKS, SYSTEMS
from baselines.macs import macs
from baselines.networks.build import build, parameters, prepare
from baselines.networks.layers import Variant
from openfer.training.accelerated import accelerated_copy
from tests.networks.small import outputs, outputs_of

PARAMETERS = {
    "reference_cnn": 1_352_295,
    "reference_cnn-sift": 18_132_711,
    "reference_cnn-dsift": 18_132_711,
    "reference_vgg": 26_545_095,
    "reference_vgg-sift": 33_872_839,
    "reference_vgg-dsift": 33_872_839,
    "shallow": 4_928_007,
    "deep": 4_478_727,
    "model_a": 19_118_919,
    "model_a-landmarks": 19_334_599,
    "model_a-landmarks_hog": 19_408_327,
    "model_a-landmarks_sliding_hog": 21_988_807,
    "model_b": 42_326_791,
    "model_b-landmarks": 42_724_103,
    "model_b-landmarks_hog": 42_797_831,
    "model_b-landmarks_sliding_hog": 45_378_311,
    "blog": 1_485_831,
    "vgg_like": 5_905_863,
    "mini_xception": 58_423,
}
"""Statistics of batch normalisation included; of Models A and B four digits are published."""

NORMS = {"model_a": 4 * (64 + 64 + 128), "model_b": 4 * (64 + 128 + 256)}
"""Parameters of the batch normalisation that the plain variants lack."""


@pytest.fixture(autouse=True)
def without_memory():
    """Forget the networks of the last test: some have forty million parameters."""
    yield
    keras.backend.clear_session()


def built(name: str, width: float = 1.0) -> keras.Model:
    system = SYSTEMS[name]
    variant = Variant(width, system.normalised)
    return build(system.network, LENGTHS.get(system.features, 0), variant)


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_are_as_many_as_published(name):
    whole = name.replace("_plain", "")
    less = NORMS[SYSTEMS[name].network] if whole != name else 0
    assert parameters(built(name)) == PARAMETERS[whole] - less


@pytest.mark.parametrize("name", NETWORKS)
def test_a_narrow_one_answers_with_probabilities_also_in_bfloat16_and_depends_on_all_it_sees(name):
    keras.utils.set_random_seed(1)
    network, rng = built(name, 0.05), np.random.default_rng(1)
    images = rng.integers(0, 256, (8, 48, 48, 1)).astype(np.uint8)
    prepare(network, images[..., 0])
    length = LENGTHS.get(SYSTEMS[name].features, 0)
    inputs = [images, *([rng.random((8, length), dtype=np.float32) * 40] if length else [])]
    found = outputs(network, inputs)
    assert found.shape == (8, 7)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(outputs(accelerated_copy(network, "mixed_bfloat16"), inputs), found, atol=0.05)
    for place in range(len(inputs)):
        changed = [array[::-1] if place == index else array for index, array in enumerate(inputs)]
        assert np.abs(outputs(network, changed) - found).max() > 1e-7


@pytest.mark.parametrize("name", ["reference_cnn-sift", "deep", "model_a-landmarks", "mini_xception"])
def test_first_weights_follow_from_the_seed_and_each_layer_has_its_own(name):
    kernels = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        network = built(name, 0.1)
        kernels.append([one.numpy() for one in network.trainable_variables if "kernel" in one.name])
    for one, same, other in zip(*kernels, strict=True):
        np.testing.assert_array_equal(one, same)
        assert (one != other).any()
    firsts = [one.ravel()[0] for one in kernels[0]]
    assert len(set(firsts)) == len(firsts)


def test_grey_values_are_prepared_as_published_inside_the_network():
    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (50, 48, 48)).astype(np.uint8)
    images[:, 0, 0] = 9  # a pixel that never varies
    for name, expected in {
        "blog": images / 255,
        "shallow": images / 255,
        "deep": images / 255,
        "model_a_plain": images / 255,
        "model_b_plain-landmarks": images / 255,
        "vgg_like": (images - images.mean(axis=0)) / np.where(images.std(axis=0) > 0, images.std(axis=0), 1),
    }.items():
        network = built(name, 0.02)
        prepare(network, images)
        beside = [np.ones((50, 136), np.float32)] if "landmarks" in name else []
        seen = outputs_of(network, "standardise_image", [images[..., np.newaxis], *beside])
        np.testing.assert_allclose(seen[..., 0], expected, atol=1e-4, err_msg=name)
        if name == "vgg_like":
            assert np.abs(outputs_of(network, "standardise_image", [images[..., np.newaxis] + 1])).max() < 10
    network = built("mini_xception", 0.1)
    seen = outputs_of(network, "standardise_image", [images[..., np.newaxis]])
    assert seen.shape == (50, 64, 64, 1)
    assert -1 <= seen.min() < -0.8 < 0.8 < seen.max() <= 1
    for name in ("reference_cnn", "reference_vgg", "model_a", "model_b"):
        assert not [layer for layer in built(name, 0.02).layers if layer.name.startswith("standardise")], name


def test_what_the_authors_penalised_is_penalised():
    penalised = {
        name: [layer.name for layer in built(name, 0.05).layers if getattr(layer, "kernel_regularizer", None)]
        for name in ("reference_cnn", "reference_cnn-sift", "vgg_like", "mini_xception", "model_a-landmarks")
    }
    assert penalised == {
        "reference_cnn": [],
        "reference_cnn-sift": ["descriptor_dense1"],
        "vgg_like": ["vgg_conv1"],
        "mini_xception": ["stem_conv1", "stem_conv4"],
        "model_a-landmarks": [],
    }


def said(layer: keras.Layer) -> str:
    """What a layer is in a few characters: C64.5v a convolution, M3.2s a maximum, A a mean, N, R, F, D1024r, d20 %."""
    how = getattr(layer, "padding", " ")[0]
    relu = "r" if getattr(getattr(layer, "activation", None), "__name__", "") == "relu" else ""
    match layer:
        case keras.layers.Conv2D():
            return f"C{layer.filters}.{layer.kernel_size[0]}{how}{relu}"
        case keras.layers.MaxPooling2D() | keras.layers.AveragePooling2D():
            return f"{type(layer).__name__[0]}{layer.pool_size[0]}.{layer.strides[0]}{how}"
        case keras.layers.Dense():
            return f"D{layer.units}{relu}"
        case keras.layers.Dropout():
            return f"d{layer.rate * 100:g}"
    return type(layer).__name__[0]


PICTURES = {
    "reference_cnn": "C32.3sr C32.3vr M2.2v B d10 C64.3vr C64.3vr M2.2v B d10 C128.3vr C128.3vr M2.2v B d40 "
    "F D2048 d50",
    "reference_vgg": "C64.3sr C64.3sr M2.2v B d20 C128.3sr C128.3sr M2.2v B d20 C256.3sr C256.3sr C256.3sr M2.2v B d20 "
    "C512.3sr C512.3sr C512.3sr M2.2v B d20 F D4096r d50",
    "shallow": "R C64.3s B R M2.2v d25 C128.5s B R M2.2v d25 F D256 B R d25",
    "deep": "R C64.3s B R M2.2v d25 C128.5s B R M2.2v d25 C512.3s B R M2.2v d25 C512.3s B R M2.2v d25 "
    "F D256 B R d25 D512 B R d25",
    "model_a": "C64.5sr B M3.2s C64.5sr B M3.2s C128.4sr B d4.4 F D1024r",
    "model_b": "C64.3sr B M3.2s C128.3sr B M3.2s C256.3sr B M3.2s d4.4 F D4096r d4.4 D1024r",
    "blog": "R C64.5vr M5.2v C64.3vr C64.3vr A3.2v C128.3vr C128.3vr A3.2v F D1024r d20 D1024r d20",
    "vgg_like": "N C64.3vr C64.3sr B M2.2v d50 C128.3sr B C128.3sr B M2.2v d50 C256.3sr B C256.3sr B M2.2v d50 "
    "C512.3sr B C512.3sr B M2.2v d50 F D512r d40 D256r d40 D128r d50",
}
"""Layers between picture and classification."""


@pytest.mark.parametrize("name", PICTURES)
def test_layers_follow_each_other_as_published(name):
    _, *inner, last = built(name).layers
    assert " ".join(map(said, inner)) == PICTURES[name]
    assert (last.units, last.activation.__name__) == (7, "softmax")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "reference_cnn-sift",
            {
                "cnn": "C32.3sr C32.3vr M2.2v d10 C64.3vr C64.3vr M2.2v d10 C128.3vr C128.3vr M2.2v d40 F",
                "descriptor": "D4096 d20",
                "head": "D2048r d50",
            },
        ),
        ("reference_vgg-dsift", {"descriptor": "D4096 d20", "head": "D2048r d50"}),
        ("model_a-landmarks_hog", {"beside": "D1024r D40r", "joined": "D40r"}),
        ("model_b-landmarks", {"beside": "D1024r D128r", "joined": "D128r"}),
    ],
)
def test_features_stand_beside_the_picture_as_published(name, parts):
    network = built(name)
    for part, layers in parts.items():
        assert " ".join(said(one) for one in network.layers if one.name.startswith(f"{part}_")) == layers, part
    first, second = (tensor.shape[1] for tensor in network.get_layer("fusion").input)
    widths = {"reference_cnn-sift": (4096, 512), "reference_vgg-dsift": (4096, 4608), "model_a-landmarks_hog": (40, 40)}
    assert (first, second) == widths.get(name, (128, 128))
    if name.startswith("model_"):
        assert [one.name for one in before(network, "fusion")] == ["joined_dense1", "beside_dense2"]


def before(network: keras.Model, name: str) -> list[keras.Layer]:
    """Return the layers whose outputs go into one."""
    (node,) = network.get_layer(name)._inbound_nodes
    return [one.operation for one in node.parent_nodes]


def test_a_unit_of_mini_xception_is_two_separable_convolutions_with_a_relu_between_them():
    network = built("mini_xception")
    for name, expected in {
        "unit2_add": ["unit2_shortcut_norm", "unit2_pool"],
        "unit2_pool": ["unit2_norm2"],
        "unit2_conv2": ["unit2_relu"],
        "unit2_relu": ["unit2_norm1"],
        "unit2_conv1": ["unit1_add"],
    }.items():
        assert [one.name for one in before(network, name)] == expected, name


def test_first_weights_are_spread_as_the_authors_library_spreads_them():
    network = built("model_a-landmarks")
    kernel = network.get_layer("picture_conv4").get_weights()[0]
    limit = np.sqrt(3 / (5 * 5 * 64))
    assert 0.98 * limit < np.abs(kernel).max() <= limit
    for name in ("picture_dense11", "beside_dense2", "emotions"):
        kernel = network.get_layer(name).get_weights()[0]
        assert 0.8 * 0.02 < kernel.std() < 0.96 * 0.02, name  # of a normal distribution cut at two deviations
    kernel = built("blog").get_layer("blog_conv1").get_weights()[0]
    assert np.abs(kernel).max() > 0.95 * np.sqrt(6 / (25 + 25 * 64))


def test_batch_normalisation_has_the_defaults_of_the_authors_library():
    for name, expected in {"model_b": (0.9, 1e-5), "shallow": (0.99, 1e-3), "mini_xception": (0.99, 1e-3)}.items():
        norms = [one for one in built(name, 0.05).layers if isinstance(one, keras.layers.BatchNormalization)]
        assert {(one.momentum, one.epsilon) for one in norms} == {expected}, name


@pytest.mark.parametrize("name", [name for name in NETWORKS if not SYSTEMS[name].features])
def test_no_kernel_is_smaller_than_its_strides(name):
    """TensorFlow's gradient of such a one on a CPU writes beyond its memory where the side of the picture is even."""
    convolutions = [one for one in built(name, 0.05).layers if isinstance(one, keras.layers.Conv2D)]
    assert convolutions
    assert all(one.strides[0] <= one.kernel_size[0] for one in convolutions)


def test_a_shortcut_of_mini_xception_is_a_convolution_of_every_second_pixel():
    network, rng = built("mini_xception"), np.random.default_rng(1)
    images = rng.random((2, 48, 48, 1), dtype=np.float32) * 255
    before, after = (outputs_of(network, name, [images]) for name in ("unit2_add", "unit3_shortcut"))
    assert (before.shape, after.shape) == ((2, 15, 15, 32), (2, 8, 8, 64))
    kernel = network.get_layer("unit3_shortcut").get_weights()[0][0, 0]
    np.testing.assert_allclose(after, before[:, ::2, ::2] @ kernel, atol=1e-4)


def test_macs_are_pixels_times_kernels():
    assert macs(built("shallow")) == 48**2 * 9 * 64 + 24**2 * 25 * 64 * 128 + 18432 * 256 + 256 * 7
    image = keras.Input((4, 4, 3))
    separable = keras.Model(image, keras.layers.SeparableConv2D(5, 3, padding="same")(image))
    assert macs(separable) == 16 * (9 * 3 + 3 * 5)
