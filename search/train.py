"""Train the network of search/params.yaml on pixels: faces → network and history, as stages/train.py does.

python -m search.train
"""

from typing import Any

from openfer.emotions import PUBLIC_TEST, TRAINING
from openfer.training.dataset import Dataset
from pipeline import arrays, params, paths, precision
from stages import run
from stages.train import train

MODEL, NETWORK = "searched", "family"
"""What the network becomes, and the module of openfer/networks that builds it."""


def main() -> None:
    """Read, train, write."""
    train(**job())


def job() -> dict[str, Any]:
    """Return what `stages.train.train` is told."""
    (images, labels, split), emotions = arrays.faces(), tuple(arrays.emotions())
    faces = Dataset(images, labels, classes=len(emotions))
    settings = {"train": precision.recipe(params.SEARCH)}
    settings |= {"augmentation": params.load("augmentation", params.SEARCH)}
    settings |= {"network": params.load("network", params.SEARCH)}
    return {
        "name": MODEL,
        "network": NETWORK,
        "training": faces.select(split == TRAINING),
        "public": faces.select(split == PUBLIC_TEST),
        "settings": settings,
        "inputs": [paths.IMAGES, paths.LABELS, paths.SPLIT, paths.EMOTIONS],
        "emotions": emotions,
    }


if __name__ == "__main__":
    run(main)
