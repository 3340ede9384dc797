"""The training loop: it learns, keeps the best epoch, and resumes to the bit."""

import keras
import numpy as np
import pytest

from openfer.networks.build import build
from openfer.networks.layers import standardise
from openfer.networks.settings import Fusion, Sizes
from openfer.training.checkpoints import Checkpoints
from openfer.training.dataset import Dataset
from openfer.training.loop import TrainingError, model_seed, train
from openfer.training.settings import Ranges, Recipe

SIZES = Sizes(width=2, embedding=8, block_dropout=0.1, dropout=0.3)
FUSION = Fusion(units=8, input_dropout=0.3, dropout=0.5, branch_dropout=0.5)
GENTLE = Ranges(rotation=5, scale=0.1, shift=0.05, gain=0.1, erase=0.2, fade=0.5)


def recipe(epochs: int = 3, **changes) -> Recipe:
    values = {"batch_size": 16, "learning_rate": 0.05, "warmup_epochs": 0.5, "momentum": 0.9, "weight_decay": 0.005}
    values |= {"label_smoothing": 0.1, "ema": 0.9, "class_weighting": 0.0, "patience": 0, "precision": "float32"}
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
    network = build("cnn", dataset.descriptor_size, SIZES, *([FUSION] if dataset.descriptor_size else []))
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


def test_loss_that_is_not_a_number_stops_the_training(tmp_path):
    with pytest.raises(TrainingError, match=r"epoch 1, at a learning rate of .* \(train.learning_rate is "):
        run(tmp_path, epochs=2, learning_rate=1e30, weight_decay=1e10)


def test_patience_ends_a_training_that_gets_no_better(tmp_path):
    _, history = run(tmp_path, epochs=30, learning_rate=0.0, patience=2)
    assert len(history) == 3


def test_a_training_that_patience_ended_is_not_continued(tmp_path):
    network, history = run(tmp_path, epochs=30, learning_rate=0.0, patience=2)
    again, repeated = run(tmp_path, epochs=30, learning_rate=0.0, patience=2)
    assert repeated == history
    for one, other in zip(network.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_each_model_has_a_seed_of_its_own():
    seeds = {model_seed(seed, model) for seed in (1, 2) for model in ("cnn", "vgg", "cnn-sift")}
    assert len(seeds) == 6
    assert model_seed(1, "cnn") == model_seed(1, "cnn")
