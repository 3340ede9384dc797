"""Train one of the models: faces, and descriptors for a hybrid → network and history, nothing else.

    python -m stages.train cnn
    python -m stages.train vgg dsift

A training that was interrupted goes on after its last finished epoch when it is started again. MLflow is told
every epoch.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openfer import files
from openfer.emotions import PUBLIC_TEST, SPLITS, TRAINING
from openfer.training.dataset import Dataset
from openfer.training.settings import PlainRecipe, Recipe
from pipeline import arrays, backend, params, paths, process, tracking, versions
from stages import run_for_model

OnEpoch = Callable[[Mapping[str, float]], None]
Trained = tuple[Any, list[dict[str, float]]]


def main(network: str, descriptor: str | None) -> None:
    """Train on the labels of FER2013."""
    images, labels, split = arrays.faces()
    faces = Dataset(images, labels, arrays.descriptors(descriptor, len(labels)) if descriptor else None)
    read = [paths.IMAGES, paths.LABELS, paths.SPLIT, *([paths.descriptor_path(descriptor)] if descriptor else [])]
    settings = {"train": params.load("train"), "augmentation": params.load("augmentation")}
    settings |= {f"networks.{network}": params.load(f"networks.{network}")}
    settings |= {f"fusion.{descriptor}": params.load(f"fusion.{descriptor}")} if descriptor else {}
    both = faces.select(split == TRAINING), faces.select(split == PUBLIC_TEST)
    train(paths.model_name(network, descriptor), network, *both, settings, read)


def train(
    name: str,
    network: str,
    training: Dataset,
    public: Dataset,
    settings: Mapping[str, Any],
    inputs: Sequence[Path],
    also: Mapping[str, Any] | None = None,
) -> None:
    """Train a model and write it.

    Args:
        name: of the model.
        network: a module of openfer/networks.
        training: the faces to learn from.
        public: the faces that are measured after each epoch.
        settings: sections of params.yaml by their names, in the order of `training.model.Settings`.
        inputs: the files that the faces come from.
        also: sections that the faces depend on.
    """
    late = [f"openfer.networks.{part}" for part in (network, *(["fusion"] if training.descriptor_size else []))]

    def trained(checkpoints: Any, on_epoch: OnEpoch) -> Trained:
        from openfer.training.model import Settings, train_model

        return train_model(name, network, training, public, Settings(*settings.values()), checkpoints, on_epoch)

    read = params.dotted({**settings, **(also or {})})
    record(name, settings["train"], read, inputs, [*late, "openfer.training.model"], trained)


def record(
    name: str,
    recipe: Recipe | PlainRecipe,
    read: Mapping[str, Any],
    inputs: Sequence[Path],
    modules: Sequence[str],
    trained: Callable[[Any, OnEpoch], Trained],
) -> None:
    """Train a model from where it was interrupted, with MLflow looking on, and write it and its history.

    Args:
        name: of the model.
        recipe: how it is trained.
        read: what was read of params.yaml, by dotted name.
        inputs: the files that the faces come from.
        modules: that train it and are imported only now, since they import Keras.
        trained: trains it: `Checkpoints` and what is told every epoch → network and history.
    """
    versions.require(["numpy", "keras"] + (["tensorflow"] if recipe.backend == "tensorflow" else []))
    backend.choose(recipe.backend)
    # Only now: they import Keras.
    from openfer.networks.storage import save_network
    from openfer.training.checkpoints import Checkpoints
    from pipeline.fingerprint import fingerprint

    digests = {str(file): files.digest(file) for file in inputs}
    key = fingerprint({**read, "model": name}, digests, modules)
    checkpoints = Checkpoints(paths.checkpoint_folder(name, key))
    process.sweep(checkpoints.folder)
    tags = {f"sha256 {file}": value for file, value in digests.items()}
    title = os.environ.get("DVC_STAGE", name)
    with (
        process.alone(checkpoints.folder, f"the training of {name}"),
        tracking.live_run(paths.project_root(), title, key, read, tags) as run,
    ):
        network, history = trained(checkpoints, run.epoch)
        save_network(paths.model_path(name), network)
        files.save_csv(paths.history_path(name), history)
        checkpoints.remove()
        run.finish(history, [paths.model_path(name), paths.history_path(name)])
    kept = history[-1] if recipe.keep == "last" else max(history, key=lambda row: row["public_accuracy"])
    print(f"{name}: accuracy on {SPLITS[PUBLIC_TEST]} {kept['public_accuracy']:.4f} in epoch {kept['epoch']}")


if __name__ == "__main__":
    run_for_model(main, __doc__)
