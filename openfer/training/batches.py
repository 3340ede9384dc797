"""Augmented batches of a data set, drawn from the seed, the epoch and the batch alone."""

import keras
import numpy as np

from openfer.networks.inputs import DESCRIPTOR, IMAGE
from openfer.training import devices
from openfer.training.augmentation import draw
from openfer.training.dataset import Dataset
from openfer.training.settings import PlainRecipe, Ranges, Recipe


class Batches(keras.utils.PyDataset):
    """Batches for `keras.Model.fit`; order and augmentation of an epoch follow from the seed and its number.

    Of a training that several processes share, each brings its part of the same batches.
    """

    def __init__(self, dataset: Dataset, recipe: Recipe | PlainRecipe, ranges: Ranges, seed: int) -> None:
        super().__init__()
        self.dataset, self.size, self.seed = dataset, min(recipe.batch_size, len(dataset)), seed
        self.ranges, self.epochs, self.part = ranges, recipe.epochs, devices.part(self.size)
        self.targets = dataset.targets
        self.weights = face_weights(dataset.labels, recipe.class_weighting)
        self.start(epoch=1)

    def __len__(self) -> int:
        return len(self.dataset) // self.size

    def __getitem__(self, index: int) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        rows = self.order[index * self.size : (index + 1) * self.size]
        drawn = draw(np.random.default_rng([self.seed, self.epoch, index]), len(rows), self.current_ranges)
        images, *descriptors = self.dataset.select(rows).inputs(drawn.pop("mirrored"))
        inputs = {IMAGE: images, **drawn} | ({DESCRIPTOR: descriptors[0]} if descriptors else {})
        inputs = {name: values[self.part] for name, values in inputs.items()}
        return inputs, self.targets[rows][self.part], self.weights[rows][self.part]

    def start(self, epoch: int) -> None:
        """Set order and ranges of an epoch, counted from 1; Keras calls the hooks of data sets once more than that."""
        self.epoch = epoch
        self.current_ranges = self.ranges.after(epoch / self.epochs)
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.dataset))


def face_weights(labels: np.ndarray, exponent: float) -> np.ndarray:
    """Return (n,) float32 weights of faces, 1 on average, proportional to frequency of the class ** −exponent.

    Args:
        labels: (n,) codes.
        exponent: 0 for equal faces, 0.5 for 1/√frequency, 1 for equal classes.
    """
    counts = np.bincount(labels).astype(float)
    weights = counts[labels] ** -exponent
    return (weights / weights.mean()).astype(np.float32)
