"""One of the published networks from data to trained network: built, prepared and trained from its own seed."""

from collections.abc import Callable, Mapping

import keras

from baselines.networks.build import build, prepare
from baselines.networks.layers import Variant
from openfer.training.checkpoints import Checkpoints
from openfer.training.dataset import Dataset
from openfer.training.loop import train
from openfer.training.model import model_seed
from openfer.training.settings import PlainRecipe, Ranges


def train_network(
    name: str,
    network: str,
    variant: Variant,
    training: Dataset,
    public: Dataset,
    recipe: PlainRecipe,
    ranges: Ranges,
    checkpoints: Checkpoints,
    on_epoch: Callable[[Mapping[str, float]], None],
) -> tuple[keras.Model, list[dict[str, float]]]:
    """Build and train a published network.

    Args:
        name: of the system, from which its seed follows.
        network: a module of baselines/networks.
        variant: what is chosen of it.
        training: the rows to learn from; statistics of the pictures are taken of them alone.
        public: the rows that are measured after each epoch.
        recipe: how it is trained.
        ranges: of the augmentation.
        checkpoints: where an unfinished training is kept.
        on_epoch: is called with each new row of the history.

    Returns:
        The network with the weights of its last or best epoch, and the history as in `loop.train`.
    """
    seed = model_seed(recipe.seed, name)
    keras.utils.set_random_seed(seed)
    built = build(network, training.descriptor_size, variant)
    prepare(built, training.images)
    return built, train(built, training, public, recipe, ranges, seed, checkpoints, on_epoch)
