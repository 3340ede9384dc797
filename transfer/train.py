"""Go on training a network on the faces that are ingested: start network, faces → network and history.

    python -m transfer.train

As stages/train.py, but preprocessing, sizes and first weights are those of the network that train.start_from names.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from openfer.data.votes import CLASSES
from openfer.emotions import PUBLIC_TEST, TRAINING
from openfer.training.dataset import Dataset
from openfer.training.settings import TransferRecipe
from pipeline import arrays, params, paths, precision
from stages import run
from stages.train import Job, own, record
from transfer import MODEL

if TYPE_CHECKING:
    from openfer.training.transfer import Start


def main() -> None:
    """Read, train, write."""
    record(job())


def job() -> Job:
    """Return the training as `stages.train.record` and searches take it."""
    (images, labels, split), emotions = arrays.faces(), tuple(arrays.emotions())
    faces, recipe = Dataset(images, labels, classes=len(emotions)), precision.recipe(params.TRANSFER)
    training, public = faces.select(split == TRAINING), faces.select(split == PUBLIC_TEST)
    settings = {"train": recipe, "augmentation": params.load("augmentation", params.TRANSFER)}
    inputs = [paths.IMAGES, paths.LABELS, paths.SPLIT, paths.EMOTIONS, Path(recipe.start_from)]
    begin = partial(start, recipe, emotions)
    return own(MODEL, None, training, public, settings, inputs, emotions=emotions, start=begin)


def start(recipe: TransferRecipe, emotions: Sequence[str]) -> "Start":
    """Read the network to go on with, and find the classes of the faces among its own."""
    from openfer.networks.storage import emotions_of  # only now: they import Keras
    from openfer.training.transfer import Start, StartError, load_start

    path = Path(recipe.start_from)
    network, names = load_start(path), emotions_of(path)
    if len(names) != (count := network.output_shape[-1]):  # of the crowd, with contempt; its files name nothing
        if count not in CLASSES:
            raise StartError(
                f"train.start_from is {path}, which tells {count} classes apart and does not name them: "
                "write it with openfer.networks.storage.save_network(path, network, names)"
            )
        names = CLASSES[count]
    return Start(network, [names.index(name) if name in names else None for name in emotions], recipe.freeze)


if __name__ == "__main__":
    run(main)
