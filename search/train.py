"""Train the network of search/params.yaml on pixels: faces → network and history, as stages/train.py does.

python -m search.train
"""

from openfer.emotions import PUBLIC_TEST, TRAINING
from openfer.training.dataset import Dataset
from pipeline import arrays, params, paths, precision
from stages import run
from stages.train import Job, own, record

MODEL, NETWORK = "searched", "family"
"""What the network becomes, and the module of openfer/networks that builds it."""


def main() -> None:
    """Read, train, write."""
    record(job())


def job() -> Job:
    """Return the training as `stages.train.record` and searches take it."""
    (images, labels, split), emotions = arrays.faces(), tuple(arrays.emotions())
    faces = Dataset(images, labels, classes=len(emotions))
    settings = {"train": precision.recipe(params.SEARCH)}
    settings |= {"augmentation": params.load("augmentation", params.SEARCH)}
    settings |= {"network": params.load("network", params.SEARCH)}
    training, public = faces.select(split == TRAINING), faces.select(split == PUBLIC_TEST)
    inputs = [paths.IMAGES, paths.LABELS, paths.SPLIT, paths.EMOTIONS]
    return own(MODEL, NETWORK, training, public, settings, inputs, emotions=emotions)


if __name__ == "__main__":
    run(main)
