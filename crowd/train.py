"""Train a network on what people see: faces and votes → network and history, as stages/train.py does.

    python -m crowd.train vgg

The shares of the votes are what the network is to answer (soft targets), on the faces of Training that people take for
an expression; accuracy is counted on those of PublicTest on which most people agree.
"""

import numpy as np

from crowd import NETWORKS
from openfer.data.votes import Seen, learnable, majority
from openfer.emotions import PUBLIC_TEST, TRAINING
from openfer.training.dataset import Dataset
from pipeline import arrays, params, paths, precision
from stages import run_for_network
from stages.train import Job, own, record


def main(network: str) -> None:
    """Read, train, write."""
    record(job(network))


def job(network: str) -> Job:
    """Return the training as `stages.train.record` and searches take it."""
    images, votes, split = arrays.images(), arrays.votes(), arrays.split()
    settings = {"train": precision.recipe(params.CROWD), "augmentation": params.load("augmentation", params.CROWD)}
    settings |= {f"networks.{network}": params.load(f"networks.{network}", params.CROWD)}
    crowd = params.load("crowd", params.CROWD)

    def faces(seen: Seen, code: int) -> Dataset:
        chosen = seen.among(np.flatnonzero(split == code))
        return Dataset(images[chosen.rows], chosen.labels, shares=chosen.shares)

    training = faces(learnable(votes, crowd.classes), TRAINING)
    public = faces(majority(votes, crowd.classes), PUBLIC_TEST)
    inputs = [paths.IMAGES, paths.VOTES, paths.SPLIT]
    return own(f"crowd-{network}", network, training, public, settings, inputs, also={"crowd": crowd})


if __name__ == "__main__":
    run_for_network(main, NETWORKS, __doc__)
