"""The training loop: augmented batches in, a network with averaged weights out, resumable after every epoch.

Random numbers come from the seed, the epoch and the batch alone, so that a training that was interrupted and resumed
ends with the same weights, to the bit, as one that was not.
"""

import json
import logging
from collections.abc import Callable, Mapping

import keras
import numpy as np
from tqdm import tqdm

from openfer.errors import Refused
from openfer.networks.inference import probabilities
from openfer.networks.inputs import IMAGE
from openfer.training import devices
from openfer.training.accelerated import accelerated_copy
from openfer.training.augment_layer import Augment
from openfer.training.augmentation import DRAWN
from openfer.training.batches import Batches
from openfer.training.checkpoints import Checkpoints
from openfer.training.dataset import Dataset
from openfer.training.optimizer import loss, optimizer
from openfer.training.settings import PlainRecipe, Ranges, Recipe

log = logging.getLogger(__name__)


class TrainingError(Refused):
    """The training cannot go on."""


class Epochs(keras.callbacks.Callback):
    """At the end of every epoch: measure the averaged weights on PublicTest, keep them, save a checkpoint.

    What is trained is its accelerated copy; the averaged weights are measured in `network` itself.
    """

    def __init__(
        self,
        network: keras.Model,
        copy: keras.Model,
        batches: Batches,
        public: Dataset,
        recipe: Recipe | PlainRecipe,
        checkpoints: Checkpoints,
        on_epoch: Callable[[Mapping[str, float]], None],
    ) -> None:
        super().__init__()
        self.network, self.copy, self.batches, self.public = network, copy, batches, public
        self.recipe, self.checkpoints, self.on_epoch = recipe, checkpoints, on_epoch
        self.history: list[dict[str, float]] = []
        self.kept: list[np.ndarray] = []
        self.bar = tqdm(disable=True)
        self.seeds = [(state, keras.ops.convert_to_numpy(state)) for state in _seed_states(copy)]

    def restore(self, optimizer: keras.Optimizer) -> None:
        """Load the newest checkpoint, where there is one."""
        found = self.checkpoints.latest()
        devices.require_equal(f"{found[0] if found else 0:08x}", "the checkpoints that they see")
        if found is None:
            return
        epochs, state = found
        self.copy.set_weights(_numbered(state, "weight"))
        for variable, value in zip(optimizer.variables, _numbered(state, "optimizer"), strict=True):
            variable.assign(value)
        self.kept = _numbered(state, "kept")
        self.history = json.loads(str(state["history"]))
        log.info("resuming after epoch %d of %d from %s", epochs, self.recipe.epochs, self.checkpoints.folder)

    @property
    def finished(self) -> bool:
        """Whether the last epoch is done, or patience is at an end."""
        accuracies = [row["public_accuracy"] for row in self.history]
        waited = len(accuracies) - 1 - int(np.argmax(accuracies)) if accuracies else 0
        return len(accuracies) >= self.recipe.epochs or 0 < self.recipe.patience <= waited

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Open the progress bar of the whole training."""
        steps = self.params["steps"]
        self.bar = tqdm(total=self.recipe.epochs * steps, initial=len(self.history) * steps, unit="batch")

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Set order and augmentation of the faces, and the dropout's random state, which Keras does not keep."""
        self.batches.start(epoch + 1)
        for state, start in self.seeds:
            state.assign(_seed_state(start, epoch))

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Move the progress bar."""
        self.bar.update()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Measure, remember, save."""
        optimizer = self.model.optimizer
        rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
        if not np.isfinite(logs["loss"]):
            raise TrainingError(
                f"the loss is {logs['loss']} in epoch {epoch + 1}, at a learning rate of {rate:.3g} "
                f"(learning_rate of its recipe is {self.recipe.learning_rate:g}): lower it or look at the data"
            )
        current = self.copy.get_weights()
        optimizer.finalize_variable_values(self.model.trainable_variables)
        averaged = self.copy.get_weights()
        self.copy.set_weights(current)
        with devices.alone():
            self.network.set_weights(averaged)
            loss, accuracy = _measure(self.network, self.public)
        best = all(round(accuracy, 6) > row["public_accuracy"] for row in self.history)
        if best or self.recipe.keep == "last":
            self.kept = self.network.get_weights()
        figures = {
            "learning_rate": rate,
            "train_loss": logs["loss"],
            "train_accuracy": logs["accuracy"],
            "public_loss": loss,
            "public_accuracy": accuracy,
        }
        self.history.append({"epoch": epoch + 1} | {name: round(float(value), 6) for name, value in figures.items()})
        self.checkpoints.save(epoch + 1, self._state(optimizer, current))
        self.on_epoch(self.history[-1])
        self.bar.set_postfix(epoch=epoch + 1, loss=f"{logs['loss']:.3f}", public=f"{accuracy:.4f}")
        self.model.stop_training = self.finished

    def _state(self, optimizer: keras.Optimizer, weights: list[np.ndarray]) -> dict[str, np.ndarray]:
        lists = {
            "weight": weights,
            "kept": self.kept,
            "optimizer": [keras.ops.convert_to_numpy(variable) for variable in optimizer.variables],
        }
        arrays = {f"{name}{index}": value for name, values in lists.items() for index, value in enumerate(values)}
        return arrays | {"history": np.array(json.dumps(self.history))}


def train(
    network: keras.Model,
    training: Dataset,
    public: Dataset,
    recipe: Recipe | PlainRecipe,
    ranges: Ranges,
    seed: int,
    checkpoints: Checkpoints,
    on_epoch: Callable[[Mapping[str, float]], None] = lambda row: None,
) -> list[dict[str, float]]:
    """Train `network` in place and leave it with the weights of its last epoch, or its best on PublicTest.

    Of a `Recipe`, these are averaged weights; of a `PlainRecipe`, those that the optimizer leaves.

    Args:
        network: what `networks.build.build` returned, standardised.
        training: the rows to learn from.
        public: the rows that are measured after each epoch, and choose one where the recipe says so.
        recipe: how to train.
        ranges: of the augmentation.
        seed: of the order and the augmentation; that of the dropout is drawn from Keras's, which is to be set before
            the network is built.
        checkpoints: where an unfinished training is kept.
        on_epoch: is called with each new row of the history.

    Returns:
        One row per epoch: "epoch", "learning_rate" (after its last step), "train_loss", "train_accuracy" (of the raw
        weights on augmented faces), "public_loss", "public_accuracy" (of the averaged weights, on the faces as they
        are).

    Raises:
        TrainingError: the loss is not a number.
        DevicesError: the training cannot be shared by the devices that were chosen.
    """
    batches = Batches(training, recipe, ranges, seed)
    with devices.shared():
        copy = accelerated_copy(network, recipe.precision)
        model = augmented(copy)
        model.compile(optimizer(recipe, model, len(batches)), loss(recipe), metrics=["accuracy"])
        epochs = Epochs(network, copy, batches, public, recipe, checkpoints, on_epoch)
        epochs.restore(model.optimizer)
        if not epochs.finished:
            _fit(model, batches, epochs)
    network.set_weights(epochs.kept)
    return epochs.history


def _fit(model: keras.Model, batches: Batches, epochs: Epochs) -> None:
    """Train the epochs that are still to come."""
    done, last = len(epochs.history), epochs.recipe.epochs
    try:
        model.fit(batches, initial_epoch=done, epochs=last, callbacks=[epochs], verbose=0, shuffle=False)
    finally:
        epochs.bar.close()


def augmented(copy: keras.Model) -> keras.Model:
    """Put the augmentation in front of the accelerated copy; it never becomes part of a network."""
    drawn = {name: keras.Input((size,), name=name) for name, size in DRAWN.items()}
    image, *descriptor = [keras.Input(tensor.shape[1:], name=tensor.name) for tensor in copy.inputs]
    view = Augment(name="augment")(image, **drawn)
    inputs = {IMAGE: image, **drawn} | {tensor.name: tensor for tensor in descriptor}
    return keras.Model(inputs, copy([view, *descriptor]))


def _measure(network: keras.Model, dataset: Dataset) -> tuple[float, float]:
    """Return cross-entropy and accuracy of the plain pictures."""
    predicted = probabilities(network, dataset.inputs())
    entropy = -(dataset.targets * np.log(np.maximum(predicted, 1e-7))).sum(axis=1)
    return float(entropy.mean()), float((predicted.argmax(1) == dataset.labels).mean())


def _seed_states(model: keras.Model) -> list[keras.Variable]:
    return [variable for variable in model.variables if variable.path.endswith("seed_generator_state")]


def _seed_state(start: np.ndarray, epoch: int) -> np.ndarray:
    """Return a dropout layer's random state, a seed and a counter, at the start of an epoch that is counted from 0.

    Each epoch has a million draws of its own. What no longer fits the counter, of 32 bits or fewer under one backend or
    another, is carried over to the seed.

    Args:
        start: (2,) before the first epoch.
        epoch: any number.
    """
    capacity = min(2**32, int(np.iinfo(start.dtype).max) + 1)
    return start + np.array(divmod(epoch << 20, capacity), start.dtype)


def _numbered(state: dict[str, np.ndarray], name: str) -> list[np.ndarray]:
    """Return the arrays name0, name1, … of a checkpoint in order."""
    count = sum(key.removeprefix(name).isdigit() for key in state)
    return [state[f"{name}{index}"] for index in range(count)]
