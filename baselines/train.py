"""Train one of the published networks: faces, and features for a hybrid → network and history, as stages/train.py does.

    python -m baselines.train blog
    python -m baselines.train model_b-landmarks

A training that was interrupted goes on after its last finished epoch when it is started again. MLflow is told
every epoch.
"""

from typing import Any

from baselines import NETWORKS, SYSTEMS
from baselines.faces import faces
from baselines.recipes import ranges, recipe
from baselines.settings import WithDropout
from openfer.emotions import PUBLIC_TEST, TRAINING
from openfer.training.dataset import Dataset
from pipeline import arrays, params, paths, precision
from stages import run_for_system
from stages.train import Job, OnEpoch, Trained, record


def main(name: str) -> None:
    """Read, train, write."""
    record(job(name))


def job(name: str) -> Job:
    """Return the training of a published network as `stages.train.record` and searches take it."""
    system = SYSTEMS[name]
    network, features = system.network, system.features
    common, how = precision.recipe(params.BASELINES), params.load(f"{network}", params.BASELINES)
    used = recipe(common, how)

    def fit(training: Dataset, public: Dataset, checkpoints: Any, on_epoch: OnEpoch) -> Trained:
        from baselines.networks.layers import Variant  # only now: they import Keras
        from baselines.training import train_network

        chosen = {"dropout": how.dropout} if isinstance(how, WithDropout) else {}
        variant = Variant(common.width, system.normalised, training.classes, **chosen)
        return train_network(name, network, variant, training, public, used, ranges(how), checkpoints, on_epoch)

    read = params.dotted({"train": common, network: how}) | {"normalised": system.normalised}
    inputs = [paths.IMAGES, paths.LABELS, paths.SPLIT, paths.EMOTIONS]
    inputs += [paths.feature_path(features)] if features else []
    modules = [f"baselines.networks.{network}", "baselines.training"]
    training, public = faces(features, TRAINING), faces(features, PUBLIC_TEST)
    return Job(f"baselines/{name}", used, read, inputs, modules, training, public, fit, tuple(arrays.emotions()))


if __name__ == "__main__":
    run_for_system(main, NETWORKS, __doc__)
