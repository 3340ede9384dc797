"""One of the models from data to trained network: built, standardised and trained from its own seed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras
import numpy as np

from openfer.networks.build import build
from openfer.networks.layers import standardise
from openfer.networks.settings import Fusion, Sizes
from openfer.training.checkpoints import Checkpoints
from openfer.training.dataset import Dataset
from openfer.training.loop import train
from openfer.training.settings import Ranges, Recipe
from openfer.training.transfer import Start


@dataclass(frozen=True)
class Settings:
    """Everything that a training is told.

    Attributes:
        recipe: how to train.
        ranges: of the augmentation.
        sizes: of the network; None where it is there already.
        fusion: of its descriptor; None for a network on pixels alone.
    """

    recipe: Recipe
    ranges: Ranges
    sizes: Sizes | None = None
    fusion: Fusion | None = None


def model_seed(seed: int, model: str) -> int:
    """Return the seed of one model, so that the members of an ensemble start from and see different things."""
    return int(np.random.SeedSequence([seed, *model.encode()]).generate_state(1)[0])


def train_model(
    name: str,
    network: str,
    training: Dataset,
    public: Dataset,
    settings: Settings,
    checkpoints: Checkpoints,
    on_epoch: Callable[[Mapping[str, float]], None],
    start: Start | None = None,
) -> tuple[keras.Model, list[dict[str, float]]]:
    """Build and train a model.

    Args:
        name: of the model, from which its seed follows: "cnn-sift".
        network: "cnn", "vgg" or "resnet".
        training: the rows to learn from; statistics of the inputs are taken of them alone, or are those of the start.
        public: the rows that are measured after each epoch.
        settings: how.
        checkpoints: where an unfinished training is kept.
        on_epoch: is called with each new row of the history.
        start: the network to go on with; None for one with random weights.

    Returns:
        The network with the averaged weights of its last or best epoch, and the history as in `loop.train`.
    """
    seed = model_seed(settings.recipe.seed, name)
    keras.utils.set_random_seed(seed)
    if start is None:
        built = build(network, training.descriptor_size, settings.sizes, settings.fusion, training.targets.shape[1])
        standardise(built, training.inputs_with_mirror_images())
    else:
        built = start.continued()
    return built, train(built, training, public, settings.recipe, settings.ranges, seed, checkpoints, on_epoch)
