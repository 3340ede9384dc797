"""The training loop: it does what NumPy does by hand, keeps the best epoch, and resumes to the bit."""

import dataclasses
import itertools

import keras
import numpy as np
import pytest

from openfer.networks.inference import probabilities
from openfer.networks.inputs import IMAGE
from openfer.training import model
from openfer.training.batches import Batches
from openfer.training.checkpoints import Checkpoints
from openfer.training.dataset import Dataset
from openfer.training.loop import Epochs, TrainingError, train
from openfer.training.settings import PlainRecipe, UnmirroredRanges
from tests.networks.small import FUSION, SIZES, outputs
from tests.training.small import GENTLE, STILL, bare_layer, faces, one_layer, recipe, run

BY_HAND = {
    "epochs": 3,
    "learning_rate": 0.02,
    "weight_decay": 0.5,
    "label_smoothing": 0.2,
    "ema": 0.8,
    "class_weighting": 0.5,
}
"""A recipe whose every number has weight in few steps."""


def features(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """Return what the only layer of a network sees, (n, 36)."""
    inner = keras.Model(network.inputs, network.get_layer("emotions").input)
    return outputs(inner, [images]).astype(float)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def by_hand(network: keras.Model, dataset: Dataset, **changes):
    """Yield kernel and bias after each epoch, and their averages, computed in NumPy from the published formulas."""
    how = recipe(**changes)
    batches = Batches(dataset, how, STILL, seed=5)
    weights = [array.astype(float) for array in network.get_layer("emotions").get_weights()]
    velocities, averages = [np.zeros_like(array) for array in weights], None
    warmup, total = round(how.warmup_epochs * len(batches)), how.epochs * len(batches)
    for epoch, index in itertools.product(range(how.epochs), range(len(batches))):
        if index == 0:
            batches.start(epoch + 1)
        done = epoch * len(batches) + index
        part = done / warmup if done < warmup else (1 + np.cos(np.pi * (done - warmup) / (total - warmup))) / 2
        rate = how.learning_rate * part
        inputs, targets, faces_weights = batches[index]
        mirrored = inputs["transform"][:, 0] < 0
        images = np.where(mirrored[:, None, None, None], inputs[IMAGE][:, :, ::-1], inputs[IMAGE])
        x = features(network, images)
        smoothed = (1 - how.label_smoothing) * targets + how.label_smoothing / 7
        error = (softmax(x @ weights[0] + weights[1]) - smoothed) * faces_weights[:, None] / len(targets)
        weights[0] = weights[0] * (1 - how.weight_decay * rate)
        for number, gradient in enumerate((x.T @ error, error.sum(axis=0))):
            velocities[number] = how.momentum * velocities[number] - rate * gradient
            weights[number] = weights[number] + how.momentum * velocities[number] - rate * gradient
        pairs = zip(averages or weights, weights, strict=True)
        averages = [how.ema * average + (1 - how.ema) * weight for average, weight in pairs]
        if index == len(batches) - 1:
            yield list(weights), averages


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A trained network of one layer, its history, its weights by hand, and the states of its checkpoints."""
    folder, dataset, states = tmp_path_factory.mktemp("checkpoints"), faces(64), []
    network = one_layer(dataset)
    expected = list(by_hand(network, dataset, **BY_HAND))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "save", lambda self, epochs, state: states.append(state))
        history = run(folder, network, dataset, faces(32), STILL, **BY_HAND)
    return network, history, expected, states


def test_every_epoch_ends_with_the_weights_that_numpy_computes(trained):
    *_, expected, states = trained
    assert len(states) == len(expected) == 3
    for (weights, _), state in zip(expected, states, strict=True):
        kernel, bias = (
            state[name] for name in sorted(state) if name.startswith("weight") and state[name].shape[-1:] == (7,)
        )
        np.testing.assert_allclose(kernel, weights[0], rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(bias, weights[1], rtol=1e-3, atol=1e-5)


def test_what_is_measured_and_kept_are_the_averaged_weights(trained):
    network, history, expected, _ = trained
    best = max(range(3), key=lambda epoch: history[epoch]["public_accuracy"])
    weights, averages = expected[best]
    for found, average, raw in zip(network.get_layer("emotions").get_weights(), averages, weights, strict=True):
        np.testing.assert_allclose(found, average, rtol=1e-3, atol=1e-5)
        assert np.abs(average - raw).max() > 1e-3
    public = faces(32)
    x = features(network, public.images[..., np.newaxis])
    for row, (_, (kernel, bias)) in zip(history, expected, strict=True):
        right = softmax(x @ kernel + bias)[np.arange(32), public.labels]
        assert row["public_loss"] == pytest.approx(-np.log(right).mean(), abs=1e-3)


def test_the_rate_of_the_last_step_is_0(trained):
    _, history, *_ = trained
    assert history[0]["learning_rate"] > 0.5 * BY_HAND["learning_rate"]
    assert history[-1]["learning_rate"] == 0


def test_the_epoch_is_chosen_by_its_accuracy_on_public_test(tmp_path):
    dataset = faces(64)
    network = one_layer(dataset)
    # What the network says before it has learnt anything: the more it learns, the less of that is right.
    labels = probabilities(network, faces(32).inputs()).argmax(axis=1)
    public = dataclasses.replace(faces(32), labels=labels)
    history = run(tmp_path, network, dataset, public, STILL, epochs=6)
    accuracies = [row["public_accuracy"] for row in history]
    assert accuracies.index(max(accuracies)) < np.argmax([row["train_accuracy"] for row in history])
    predicted = probabilities(network, public.inputs()).argmax(axis=1)
    assert (predicted == public.labels).mean() == pytest.approx(max(accuracies), abs=1e-6)


def test_the_last_epoch_is_kept_where_the_recipe_says_so(tmp_path):
    dataset = faces(64)
    labels = probabilities(one_layer(dataset), faces(32).inputs()).argmax(axis=1)
    public = dataclasses.replace(faces(32), labels=labels)  # of which less is right, the more is learned
    network = one_layer(dataset)
    history = run(tmp_path, network, dataset, public, STILL, epochs=6, keep="last")
    accuracies = [row["public_accuracy"] for row in history]
    assert accuracies[-1] < max(accuracies)
    predicted = probabilities(network, public.inputs()).argmax(axis=1)
    assert (predicted == public.labels).mean() == pytest.approx(accuracies[-1], abs=1e-6)


def test_shares_of_people_are_learned_and_measured_in_place_of_labels(tmp_path):
    dataset, public = faces(64), faces(32)
    shares = [np.full((len(part), 8), 0.05, np.float32) for part in (dataset, public)]
    for part, of in zip((dataset, public), shares, strict=True):
        of[np.arange(len(part)), part.labels] = 0.65
    training, public = (
        dataclasses.replace(part, shares=of) for part, of in zip((dataset, public), shares, strict=True)
    )
    settings = model.Settings(recipe(epochs=3, keep="last"), STILL, SIZES)
    network, history = model.train_model("one", "vgg", training, public, settings, Checkpoints(tmp_path), len)
    assert network.output_shape == (None, 8)
    found = probabilities(network, public.inputs())
    entropy = -(public.shares * np.log(found)).sum(axis=1).mean()
    assert history[-1]["public_loss"] == pytest.approx(entropy, abs=1e-3)


def test_training_learns(trained):
    _, history, *_ = trained
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    assert history[-1]["public_accuracy"] > history[0]["public_accuracy"]


class Killed(BaseException):
    """What a killed process is to the training."""


def test_a_training_that_was_interrupted_ends_with_the_same_weights_to_the_bit(tmp_path, monkeypatch):
    dataset, public = faces(64, descriptor_size=5), faces(32, descriptor_size=5)

    def save_then_die(self, epochs, state):
        save(self, epochs, state)
        if epochs == 2:
            raise Killed

    whole = one_layer(dataset)
    history = run(tmp_path / "whole", whole, dataset, public)
    save = Checkpoints.save
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", save_then_die)
        with pytest.raises(Killed):
            run(tmp_path / "cut", one_layer(dataset), dataset, public)
    resumed = one_layer(dataset)
    assert run(tmp_path / "cut", resumed, dataset, public) == history
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def plain(network: keras.Model, folder, **changes: object) -> list:
    values = {"seed": 3, "backend": "tensorflow", "epochs": 3, "batch_size": 16, "optimizer": "adam"}
    values |= {"learning_rate": 0.01, "momentum": 0.9, "decay": 0.9, "decay_steps": 5, "keep": "last"}
    how = PlainRecipe(**(values | {"precision": "float32"} | changes))
    views = UnmirroredRanges(**dataclasses.asdict(STILL))
    return train(network, faces(64), faces(32), how, views, seed=5, checkpoints=Checkpoints(folder))


@pytest.mark.parametrize("kind", ["adam", "momentum"])
def test_a_plain_training_that_was_interrupted_ends_with_the_same_weights_to_the_bit(tmp_path, monkeypatch, kind):
    def save_then_die(self, epochs, state):
        save(self, epochs, state)
        if epochs == 2:
            raise Killed

    whole, resumed, save = one_layer(faces(64)), one_layer(faces(64)), Checkpoints.save
    history = plain(whole, tmp_path / "whole", optimizer=kind)
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", save_then_die)
        with pytest.raises(Killed):
            plain(one_layer(faces(64)), tmp_path / "cut", optimizer=kind)
    assert plain(resumed, tmp_path / "cut", optimizer=kind) == history
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_loss_that_is_not_a_number_stops_the_training(tmp_path):
    with pytest.raises(TrainingError, match=r"epoch 1, at a learning rate of .* \(learning_rate of its recipe is "):
        run(tmp_path, one_layer(faces(64)), faces(64), faces(32), epochs=2, learning_rate=1e30, weight_decay=1e10)


def test_patience_ends_a_training_that_gets_no_better_and_it_is_not_continued(tmp_path):
    network, again = one_layer(faces(64)), one_layer(faces(64))
    still = {"epochs": 30, "learning_rate": 0.0, "patience": 2}
    history = run(tmp_path, network, faces(64), faces(32), **still)
    assert len(history) == 3
    assert run(tmp_path, again, faces(64), faces(32), **still) == history
    for one, other in zip(network.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture(scope="module")
def dropout_of_an_epoch():
    """Return the random state with which the dropout begins an epoch, counted from 0."""
    dataset = faces(16, descriptor_size=5)
    network = one_layer(dataset)
    how = recipe(epochs=5000)
    epochs = Epochs(network, network, Batches(dataset, how, GENTLE, 5), dataset, how, None, None)
    (state, start), *_ = epochs.seeds

    def begun(epoch: int) -> list[int]:
        epochs.on_epoch_begin(epoch)
        return [int(value) for value in keras.ops.convert_to_numpy(state) - start]

    return begun


def test_dropout_is_the_same_as_ever_in_the_first_4096_epochs(dropout_of_an_epoch):
    assert [dropout_of_an_epoch(epoch) for epoch in (0, 1, 4095)] == [[0, 0], [0, 2**20], [0, 4095 * 2**20]]


def test_dropout_of_epoch_4097_is_no_error_and_not_that_of_the_first(dropout_of_an_epoch):
    assert dropout_of_an_epoch(4096) == [1, 0]
    assert dropout_of_an_epoch(4097) == [1, 2**20]


@pytest.mark.parametrize(("dtype", "counted"), [("uint32", 4096), ("int64", 4096), ("int32", 2048)])
def test_the_counter_of_the_dropout_fits_the_type_of_every_backend(dtype, counted):
    from openfer.training.loop import _seed_state

    start = np.array([7, 0], dtype)
    assert _seed_state(start, counted - 1).tolist() == [7, (counted - 1) * 2**20]
    assert _seed_state(start, counted).tolist() == [8, 0]
    assert _seed_state(start, 3 * counted).dtype == start.dtype


def test_each_model_has_a_seed_of_its_own():
    seeds = {model.model_seed(seed, name) for seed in (1, 2) for name in ("cnn", "vgg", "cnn-sift")}
    assert len(seeds) == 6
    assert model.model_seed(1, "cnn") == model.model_seed(1, "cnn")


def test_a_model_is_built_standardised_and_trained_from_its_seed(tmp_path, monkeypatch):
    training, public = faces(32, descriptor_size=5), faces(16, descriptor_size=5)
    built, epochs = [], []

    def build(*wanted):
        built.append(wanted)
        return bare_layer(5)

    monkeypatch.setattr(model, "build", build)
    settings = model.Settings(recipe(epochs=1, seed=8), GENTLE, SIZES, FUSION)
    network, history = model.train_model(
        "vgg-sift", "vgg", training, public, settings, Checkpoints(tmp_path / "one"), epochs.append
    )
    assert built == [("vgg", 5, SIZES, FUSION, 7)]
    assert epochs == history
    seed = model.model_seed(8, "vgg-sift")
    expected = one_layer(training, seed)
    assert train(expected, training, public, recipe(epochs=1), GENTLE, seed, Checkpoints(tmp_path / "two")) == history
    for one, other in zip(network.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
