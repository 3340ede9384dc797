"""The training loop: augmented batches in, the network of the best epoch out, resumable after every epoch.

Random numbers come from the seed, the epoch and the batch alone, so that a training that was interrupted and resumed
ends with the same weights, to the bit, as one that was not.
"""

import json
import logging
from dataclasses import dataclass

import keras
import numpy as np
from tqdm import tqdm

from fer.augmentation import Augment, Ranges, draw
from fer.checkpoints import Checkpoints
from fer.dataset import DESCRIPTOR, IMAGE, Dataset
from fer.emotions import EMOTIONS
from fer.errors import Refused
from fer.params import leaf
from fer.prediction import predict

log = logging.getLogger(__name__)


class TrainingError(Refused):
    """The training cannot go on."""


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        epochs: passes over Training.
        batch_size: faces a step; the faces of an epoch that do not fill a batch are left out of that epoch.
        learning_rate: peak rate of SGD with Nesterov momentum, reached after the warm-up, then a cosine to 0.
        warmup_epochs: epochs of linear warm-up.
        momentum: of SGD.
        weight_decay: share of every kernel that is taken away a step, times the rate; biases and batch
            normalisation are left alone.
        label_smoothing: share of the target that is spread evenly over the seven classes.
        ema: decay a step of the moving average of the weights, which is what is measured and kept.
    """

    epochs: int = leaf("train.epochs", at_least=1)
    batch_size: int = leaf("train.batch_size", at_least=2)
    learning_rate: float = leaf("train.learning_rate", at_least=0)
    warmup_epochs: float = leaf("train.warmup_epochs", at_least=0)
    momentum: float = leaf("train.momentum", at_least=0, at_most=1)
    weight_decay: float = leaf("train.weight_decay", at_least=0)
    label_smoothing: float = leaf("train.label_smoothing", at_least=0, at_most=1)
    ema: float = leaf("train.ema", at_least=0, at_most=0.9999)


class Batches(keras.utils.PyDataset):
    """Augmented batches of a data set; order and views of an epoch follow from the seed and its number."""

    def __init__(self, dataset: Dataset, size: int, ranges: Ranges, seed: int) -> None:
        super().__init__()
        self.dataset, self.size, self.ranges, self.seed = dataset, min(size, len(dataset)), ranges, seed
        self.targets = np.eye(len(EMOTIONS), dtype=np.float32)[dataset.labels]
        self.start(epoch=0)

    def __len__(self) -> int:
        return len(self.dataset) // self.size

    def __getitem__(self, index: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        rows = self.order[index * self.size : (index + 1) * self.size]
        views = draw(np.random.default_rng([self.seed, self.epoch, index]), len(rows), self.ranges)
        images, *descriptors = self.dataset.select(rows).inputs(views.pop("mirrored"))
        inputs = {IMAGE: images, **views} | ({DESCRIPTOR: descriptors[0]} if descriptors else {})
        return inputs, self.targets[rows]

    def start(self, epoch: int) -> None:
        """Set the order of an epoch, counted from 0."""
        self.epoch = epoch
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.dataset))

    def on_epoch_end(self) -> None:
        """Go on to the next epoch (Keras calls this)."""
        self.start(self.epoch + 1)


class Epochs(keras.callbacks.Callback):
    """At the end of every epoch: measure the averaged weights on PublicTest, keep the best, save a checkpoint."""

    def __init__(self, network: keras.Model, public: Dataset, recipe: Recipe, checkpoints: Checkpoints) -> None:
        super().__init__()
        self.network, self.public, self.recipe, self.checkpoints = network, public, recipe, checkpoints
        self.history: list[dict[str, float]] = []
        self.best: list[np.ndarray] = []
        self.seeds = [(seed, keras.ops.convert_to_numpy(seed)) for seed in _seed_states(network)]

    def restore(self, optimizer: keras.Optimizer) -> int:
        """Load the newest checkpoint, where there is one, and return the number of epochs already trained."""
        found = self.checkpoints.latest()
        if found is None:
            return 0
        epochs, state = found
        self.network.set_weights(_numbered(state, "weight"))
        for variable, value in zip(optimizer.variables, _numbered(state, "optimizer"), strict=True):
            variable.assign(value)
        self.best = _numbered(state, "best")
        self.history = json.loads(str(state["history"]))
        log.info("resuming after epoch %d of %d from %s", epochs, self.recipe.epochs, self.checkpoints.folder)
        return epochs

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Open the progress bar of the whole training."""
        steps = self.params["steps"]
        self.bar = tqdm(total=self.recipe.epochs * steps, initial=len(self.history) * steps, unit="batch")

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Set the random state of the dropout layers, which no checkpoint of Keras holds, from the epoch."""
        for state, start in self.seeds:
            state.assign(start + np.array([0, epoch << 20], start.dtype))

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Move the progress bar."""
        self.bar.update()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Measure, remember, save."""
        optimizer = self.model.optimizer
        rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
        if not np.isfinite(logs["loss"]):
            raise TrainingError(
                f"the loss is {logs['loss']} in epoch {epoch + 1}, at a learning rate of {rate:.3g}: "
                "lower train.learning_rate or look at the data"
            )
        current = self.network.get_weights()
        optimizer.finalize_variable_values(self.model.trainable_variables)
        loss, accuracy = _measure(self.network, self.public)
        if all(round(accuracy, 6) > row["public_accuracy"] for row in self.history):
            self.best = self.network.get_weights()
        self.network.set_weights(current)
        figures = {
            "learning_rate": rate,
            "train_loss": logs["loss"],
            "train_accuracy": logs["accuracy"],
            "public_loss": loss,
            "public_accuracy": accuracy,
        }
        self.history.append({"epoch": epoch + 1} | {name: round(float(value), 6) for name, value in figures.items()})
        self.checkpoints.save(epoch + 1, self._state(optimizer, current))
        self.bar.set_postfix(epoch=epoch + 1, loss=f"{logs['loss']:.3f}", public=f"{accuracy:.4f}")

    def on_train_end(self, logs: dict | None = None) -> None:
        """Close the progress bar."""
        self.bar.close()

    def _state(self, optimizer: keras.Optimizer, weights: list[np.ndarray]) -> dict[str, np.ndarray]:
        lists = {
            "weight": weights,
            "best": self.best,
            "optimizer": [keras.ops.convert_to_numpy(variable) for variable in optimizer.variables],
        }
        arrays = {f"{name}{index}": value for name, values in lists.items() for index, value in enumerate(values)}
        return arrays | {"history": np.array(json.dumps(self.history))}


def train(
    network: keras.Model,
    training: Dataset,
    public: Dataset,
    recipe: Recipe,
    ranges: Ranges,
    seed: int,
    checkpoints: Checkpoints,
) -> list[dict[str, float]]:
    """Train `network` in place and leave it with the averaged weights of its best epoch on PublicTest.

    Args:
        network: what `fer.networks.build` returned, standardised.
        training: the rows to learn from.
        public: the rows that choose the epoch.
        recipe: how to train.
        ranges: of the augmentation.
        seed: of the order, the views and the dropout.
        checkpoints: where an unfinished training is kept.

    Returns:
        A row an epoch: "epoch", "learning_rate", "train_loss", "train_accuracy" (of the raw weights on augmented
        faces), "public_loss", "public_accuracy" (of the averaged weights).

    Raises:
        TrainingError: the loss is not a number.
    """
    batches = Batches(training, recipe.batch_size, ranges, seed)
    model = _augmented(network)
    model.compile(_optimizer(model, recipe, len(batches)), _loss(recipe), metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    epochs = Epochs(network, public, recipe, checkpoints)
    done = epochs.restore(model.optimizer)
    batches.start(epoch=done)
    model.fit(batches, initial_epoch=done, epochs=recipe.epochs, callbacks=[epochs], verbose=0, shuffle=False)
    network.set_weights(epochs.best)
    return epochs.history


def _augmented(network: keras.Model) -> keras.Model:
    """Put the augmentation in front of the network for training; the network itself stays free of it."""
    drawn = {name: keras.Input((size,), name=name) for name, size in (("transform", 8), ("gain", 1), ("box", 4))}
    image, *descriptor = [keras.Input(tensor.shape[1:], name=tensor.name) for tensor in network.inputs]
    view = Augment(name="augment")(image, **drawn)
    inputs = {IMAGE: image, **drawn} | {tensor.name: tensor for tensor in descriptor}
    return keras.Model(inputs, network([view, *descriptor]))


def _optimizer(model: keras.Model, recipe: Recipe, steps: int) -> keras.Optimizer:
    """SGD with Nesterov momentum, warm-up and cosine, weight decay on kernels only and averaged weights."""
    warmup = round(recipe.warmup_epochs * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=recipe.learning_rate,
        warmup_steps=warmup,
        decay_steps=max(1, recipe.epochs * steps - warmup),
    )
    optimizer = keras.optimizers.SGD(
        schedule,
        momentum=recipe.momentum,
        nesterov=True,
        weight_decay=recipe.weight_decay,
        use_ema=True,
        ema_momentum=recipe.ema,
    )
    spared = [variable for variable in model.trainable_variables if variable.name != "kernel"]
    optimizer.exclude_from_weight_decay(var_list=spared)
    return optimizer


def _loss(recipe: Recipe) -> keras.Loss:
    return keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)


def _measure(network: keras.Model, dataset: Dataset) -> tuple[float, float]:
    """Return cross-entropy and accuracy of the plain pictures."""
    probabilities = predict(network, dataset, mirror=False)
    right = probabilities[np.arange(len(dataset)), dataset.labels]
    return float(-np.log(np.maximum(right, 1e-7)).mean()), float((probabilities.argmax(1) == dataset.labels).mean())


def _seed_states(network: keras.Model) -> list[keras.Variable]:
    return [variable for variable in network.variables if variable.path.endswith("seed_generator_state")]


def _numbered(state: dict[str, np.ndarray], name: str) -> list[np.ndarray]:
    """Return the arrays name0, name1, … of a checkpoint in order."""
    count = sum(key.removeprefix(name).isdigit() for key in state)
    return [state[f"{name}{index}"] for index in range(count)]
