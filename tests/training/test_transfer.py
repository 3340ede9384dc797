"""Going on with a trained network: its weights and statistics, new classes, a frozen trunk, files that do not fit."""

import keras
import numpy as np
import pytest

from openfer.files import FileError
from openfer.networks.inputs import IMAGE
from openfer.networks.layers import Block
from openfer.networks.storage import load_network, save_network
from openfer.training.transfer import Start, StartError, load_start
from tests.training.small import faces, one_layer, run

SAME = range(7)
BLOCKS = [Block(2, 1)]


@pytest.fixture
def path(tmp_path):
    """A network of one block in a file, with statistics of its own."""
    network = one_layer(faces(32), blocks=BLOCKS)
    rng = np.random.default_rng(2)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([values + rng.random(values.shape) for values in layer.get_weights()])
    save_network(tmp_path / "start.keras", network)
    return tmp_path / "start.keras"


def weights(network: keras.Model) -> dict[str, np.ndarray]:
    """Weights by the name of their layer, the classification's left out."""
    return {
        variable.path: keras.ops.convert_to_numpy(variable)
        for variable in network.variables
        if not variable.path.startswith("emotions") and "seed_generator" not in variable.path
    }


def equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> list[bool]:
    return [np.array_equal(one[name], other[name]) for name in one]


@pytest.mark.parametrize("freeze", ["trunk", "none"])
def test_a_network_of_the_same_classes_goes_on_with_every_weight(path, freeze):
    start, continued = load_network(path), Start(load_start(path), SAME, freeze).continued()
    assert all(np.array_equal(*pair) for pair in zip(start.get_weights(), continued.get_weights(), strict=True))


def test_classes_that_it_knows_keep_their_weights_and_new_ones_get_others(path):
    kernel, bias = load_network(path).get_layer("emotions").get_weights()
    continued = Start(load_start(path), [5, None, 0], "none").continued()
    new_kernel, new_bias = continued.get_layer("emotions").get_weights()
    assert continued.output_shape == (None, 3)
    assert np.array_equal(new_kernel[:, [0, 2]], kernel[:, [5, 0]])
    assert np.array_equal(new_bias[[0, 2]], bias[[5, 0]])
    assert not any(np.array_equal(new_kernel[:, 1], column) for column in kernel.T)


def test_a_frozen_trunk_is_the_same_to_the_bit_after_the_training_and_the_classification_is_not(path, tmp_path):
    continued = Start(load_start(path), SAME, "trunk").continued()
    before, last = weights(continued), continued.get_layer("emotions").get_weights()
    run(tmp_path, continued, faces(64), faces(32), epochs=2)
    assert len(before) > 8  # kernels, both batch normalisations, the statistics of the pictures
    assert all(equal(before, weights(continued)))
    assert not np.array_equal(last[0], continued.get_layer("emotions").get_weights()[0])


def test_an_unfrozen_trunk_learns_and_keeps_the_statistics_of_the_pictures(path, tmp_path):
    continued = Start(load_start(path), SAME, "none").continued()
    before = weights(continued)
    run(tmp_path, continued, faces(64), faces(32), epochs=2)
    after = weights(continued)
    same = {name for name, kept in zip(before, equal(before, after), strict=True) if kept}
    assert same == {name for name in before if name.startswith(f"standardise_{IMAGE}")}


def test_what_was_frozen_in_its_own_training_is_not_frozen_in_the_next(path, tmp_path):
    frozen = Start(load_start(path), SAME, "trunk").continued()
    save_network(tmp_path / "frozen.keras", frozen)
    assert len(Start(load_start(tmp_path / "frozen.keras"), SAME, "none").continued().trainable_variables) > 4


def test_a_file_that_is_missing_damaged_or_holds_something_else_is_named_in_one_line(path, tmp_path):
    with pytest.raises(FileError, match=r"gone\.keras is missing"):
        load_start(tmp_path / "gone.keras")
    (tmp_path / "half.keras").write_bytes(path.read_bytes()[:2000])
    with pytest.raises(FileError, match=r"half\.keras is damaged"):
        load_start(tmp_path / "half.keras")
    save_network(tmp_path / "fused.keras", one_layer(faces(32, descriptor_size=5)))
    other = keras.Sequential([keras.Input((48, 48, 3)), keras.layers.Flatten(), keras.layers.Dense(7)])
    save_network(tmp_path / "other.keras", other)
    for name, received in (("fused", "48 × 48 × 1, 5"), ("other", "48 × 48 × 3")):
        with pytest.raises(StartError, match=rf"{name}\.keras.*on pixels alone.*Received: inputs {received}") as caught:
            load_start(tmp_path / f"{name}.keras")
        assert "\n" not in str(caught.value)
