"""The training loop: it learns, keeps the best epoch, and resumes to the bit."""

import keras
import numpy as np
import pytest

from fer.augmentation import Ranges
from fer.checkpoints import Checkpoints
from fer.dataset import DESCRIPTOR, Dataset
from fer.networks import build
from fer.networks.layers import Sizes, standardise
from fer.training import Batches, Recipe, TrainingError, train

SIZES = Sizes(width=2, embedding=8, block_dropout=0.1, dropout=0.3)
GENTLE = Ranges(rotation=5, scale=0.1, shift=0.05, gain=0.1, erase=0.2)


def recipe(epochs: int = 3, **changes) -> Recipe:
    values = {"batch_size": 16, "learning_rate": 0.05, "warmup_epochs": 0.5, "momentum": 0.9, "weight_decay": 0.005}
    values |= {"label_smoothing": 0.1, "ema": 0.9}
    return Recipe(epochs=epochs, **{**values, **changes})


def faces(count: int, descriptor_size: int = 0) -> Dataset:
    """Noise whose brightness tells the label, mirrored and not."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 7, count).astype(np.uint8)
    images = (labels[:, None, None] * 30 + rng.integers(0, 40, (count, 48, 48))).astype(np.uint8)
    descriptors = rng.random((count, 2, descriptor_size), dtype=np.float32) if descriptor_size else None
    return Dataset(images, labels, descriptors)


def fresh_network(dataset: Dataset) -> keras.Model:
    keras.utils.set_random_seed(1)
    network = build("cnn", SIZES, dataset.descriptor_size)
    standardise(network, dataset.inputs_of_both_views())
    return network


def run(folder, epochs: int = 3, dataset: Dataset | None = None, **changes):
    dataset = dataset or faces(64)
    network = fresh_network(dataset)
    public = faces(32, dataset.descriptor_size)
    history = train(
        network, dataset, public, recipe(epochs, **changes), GENTLE, seed=5, checkpoints=Checkpoints(folder)
    )
    return network, history


def test_training_learns(tmp_path):
    _, history = run(tmp_path, epochs=12, ema=0.7)
    assert history[-1]["train_loss"] < history[0]["train_loss"]
    assert max(row["public_accuracy"] for row in history) > 0.4


def test_network_is_left_with_the_weights_of_the_best_epoch(tmp_path):
    network, history = run(tmp_path, epochs=6)
    predicted = network.predict(faces(32).inputs(), verbose=0).argmax(axis=1)
    assert (predicted == faces(32).labels).mean() == max(row["public_accuracy"] for row in history)


@pytest.mark.parametrize("descriptor_size", [0, 5])
def test_interrupted_training_ends_with_the_same_weights(tmp_path, descriptor_size, monkeypatch):
    dataset = faces(64, descriptor_size)
    whole, history = run(tmp_path / "whole", epochs=4, dataset=dataset)

    save = Checkpoints.save

    def save_then_die(self, epochs, state):
        save(self, epochs, state)
        if epochs == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Checkpoints, "save", save_then_die)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", epochs=4, dataset=dataset)
    monkeypatch.setattr(Checkpoints, "save", save)
    resumed, resumed_history = run(tmp_path / "cut", epochs=4, dataset=dataset)

    assert resumed_history == history
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_descriptor_of_a_mirrored_view_is_that_of_the_mirrored_picture():
    dataset = faces(64, descriptor_size=5)
    dataset.descriptors[:, 0], dataset.descriptors[:, 1] = 0, 1
    still = Ranges(rotation=0, scale=0, shift=0, gain=0, erase=0)
    inputs, _ = Batches(dataset, 64, still, seed=0)[0]
    mirrored = inputs["transform"][:, 0] < 0
    np.testing.assert_array_equal(inputs[DESCRIPTOR][:, 0], mirrored.astype(np.float32))
    assert 0 < mirrored.sum() < len(mirrored)


def test_every_face_is_seen_once_an_epoch_in_another_order_each_time():
    batches = Batches(faces(64), 16, GENTLE, seed=0)
    first = batches.order.copy()
    batches.on_epoch_end()
    assert sorted(first) == list(range(64)) == sorted(batches.order)
    assert (first != batches.order).any()


def test_loss_that_is_not_a_number_stops_the_training(tmp_path):
    with pytest.raises(TrainingError, match=r"epoch 1.*learning rate of"):
        run(tmp_path, epochs=2, learning_rate=1e30, weight_decay=1e10)
