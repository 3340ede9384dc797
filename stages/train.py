"""Train one of the models: faces, and descriptors for a hybrid → network and history, nothing else.

    python -m stages.train cnn
    python -m stages.train vgg dsift

A training that was interrupted goes on after its last finished epoch when it is started again. MLflow is told
every epoch.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openfer import files
from openfer.emotions import EMOTIONS, PUBLIC_TEST, SPLITS, TRAINING
from openfer.training.checkpoints import Checkpoints
from openfer.training.dataset import Dataset
from openfer.training.settings import PlainRecipe, Recipe
from pipeline import arrays, backend, devices, params, paths, precision, process, tracking, versions
from pipeline.cluster import engine
from stages import run_for_model

if TYPE_CHECKING:  # they import Keras, whose backend is chosen first
    from openfer.training.transfer import Start
    from pipeline.fingerprint import Ask
OnEpoch = Callable[[Mapping[str, float]], None]
Trained = tuple[Any, list[dict[str, float]]]
Outputs = tuple[Path, Path]
"""Where the network and its history are written."""


def main(network: str, descriptor: str | None) -> None:
    """Train on the labels of FER2013."""
    train(**job(network, descriptor))


def job(network: str, descriptor: str | None = None) -> dict[str, Any]:
    """Return what `train` is told: also what a search of the same training reads."""
    images, labels, split = arrays.faces()
    names = tuple(arrays.emotions())
    described = arrays.descriptors(descriptor, len(labels)) if descriptor else None
    faces = Dataset(images, labels, described, classes=len(names))
    read = [paths.IMAGES, paths.LABELS, paths.SPLIT, paths.EMOTIONS]
    read += [paths.descriptor_path(descriptor)] if descriptor else []
    recipe, sizes = precision.recipe(), params.load(f"networks.{network}")
    if descriptor:
        hybrids = params.load("hybrids")
        recipe, sizes = hybrids.of(recipe), hybrids.of(sizes)
    settings = {"train": recipe, "augmentation": params.load("augmentation"), f"networks.{network}": sizes}
    settings |= {f"fusion.{descriptor}": params.load(f"fusion.{descriptor}")} if descriptor else {}
    both = {"training": faces.select(split == TRAINING), "public": faces.select(split == PUBLIC_TEST)}
    return {
        "name": paths.model_name(network, descriptor),
        "network": network,
        **both,
        "settings": settings,
        "inputs": read,
        "emotions": names,
    }


def train(
    name: str,
    network: str | None,
    training: Dataset,
    public: Dataset,
    settings: Mapping[str, Any],
    inputs: Sequence[Path],
    also: Mapping[str, Any] | None = None,
    emotions: Sequence[str] = EMOTIONS,
    start: "Callable[[], Start] | None" = None,
    outputs: Outputs | None = None,
) -> None:
    """Train a model and write it.

    Args:
        name: of the model.
        network: a module of openfer/networks; None where `start` brings the network.
        training: the faces to learn from.
        public: the faces that are measured after each epoch.
        settings: sections of params.yaml by their names, in the order of `training.model.Settings`.
        inputs: the files that the faces, and the start, come from.
        also: sections that the faces depend on.
        emotions: what the network is to tell apart; it is told whoever loads it, where they are not FER2013's seven.
        start: reads the network that the training goes on with; None for random weights.
        outputs: other places than those of the stage.
    """

    def trained(checkpoints: Any, on_epoch: OnEpoch) -> Trained:
        from openfer.training.model import Settings, train_model

        how, begin = Settings(*settings.values()), start() if start else None
        return train_model(name, network, training, public, how, checkpoints, on_epoch, begin)

    read = params.dotted({**settings, **(also or {})})
    record(name, settings["train"], read, inputs, modules(network, training), trained, emotions, outputs)


def record(
    name: str,
    recipe: Recipe | PlainRecipe,
    read: Mapping[str, Any],
    inputs: Sequence[Path],
    modules: Sequence[str],
    trained: Callable[[Any, OnEpoch], Trained],
    emotions: Sequence[str] = EMOTIONS,
    outputs: Outputs | None = None,
) -> None:
    """Train a model from where it was interrupted, with MLflow looking on, and write it and its history.

    It is trained here or, where the environment names a cluster, on a host of that; the bytes are the same. Where it
    names several processes that train together, the first one writes.

    Args:
        name: of the model.
        recipe: how it is trained.
        read: what was read of params.yaml, by dotted name.
        inputs: the files that the faces come from.
        modules: that train it and are imported only now, since they import Keras.
        trained: trains it: `Checkpoints` and what is told every epoch → network and history.
        emotions: what the network is to tell apart.
        outputs: other places than those of the stage.
    """
    network_path, history_path = outputs or (paths.model_path(name), paths.history_path(name))
    there = _place(recipe)
    key, digests = identity(name, recipe, read, inputs, modules, there and there.imported)
    devices.require_equal([name, read, digests])
    checkpoints = Checkpoints(paths.checkpoint_folder(name, key), writes=devices.leads())
    if not devices.leads():
        trained(checkpoints, lambda row: None)
        return
    work = _work(network_path, recipe, trained, emotions)
    process.sweep(checkpoints.folder)
    tags = _tags(digests, emotions)
    with (
        process.alone(checkpoints.folder, f"the training of {name}"),
        tracking.live_run(paths.project_root(), os.environ.get("DVC_STAGE", name), key, read, tags) as run,
    ):
        if there:
            history = there(name, work, inputs, network_path, checkpoints, run.epoch, recipe.epochs)
        else:
            history = work(checkpoints, run.epoch)
        files.save_csv(history_path, history)
        checkpoints.remove()
        run.finish(history, [network_path, history_path])
    _tell(name, kept_row(history, recipe), "fold.left_out" in read)


def _place(recipe: Recipe | PlainRecipe) -> Any:
    """Choose where it is trained, and return what trains on a cluster; None where that is done here."""
    devices.require(recipe.backend)
    there = engine.trainer(recipe.backend)  # before Keras is imported here, which takes as long as there
    prepare(recipe)
    devices.use()
    return there


def _tell(name: str, kept: Mapping[str, float], fold: bool) -> None:
    measured = "the fold that is left out" if fold else SPLITS[PUBLIC_TEST]
    print(f"{name}: accuracy on {measured} {kept['public_accuracy']:.4f} in epoch {kept['epoch']}")


def _tags(digests: Mapping[str, str], emotions: Sequence[str]) -> dict[str, str]:
    """Return what MLflow is told beside the parameters: the digest of each input, and emotions other than the seven."""
    tags = {f"sha256 {file}": value for file, value in digests.items()}
    return tags | ({"emotions": ", ".join(emotions)} if tuple(emotions) != EMOTIONS else {})


def _work(
    path: Path, recipe: Recipe | PlainRecipe, trained: Callable[[Any, OnEpoch], Trained], emotions: Sequence[str]
) -> Callable[[Any, OnEpoch], list[dict[str, float]]]:
    """Return what trains, here or on a host of a cluster: it writes the network there and returns the history."""

    def work(checkpoints: Any, on_epoch: OnEpoch) -> list[dict[str, float]]:
        prepare(recipe)
        from openfer.networks.storage import save_network  # only now: it imports Keras

        network, history = trained(checkpoints, on_epoch)
        save_network(path, network, emotions)
        return history

    return work


def identity(
    name: str,
    recipe: Recipe | PlainRecipe,
    read: Mapping[str, Any],
    inputs: Sequence[Path],
    modules: Sequence[str],
    ask: "Ask | None" = None,
) -> tuple[str, dict[str, str]]:
    """Return the fingerprint of a training, whose arguments are those of `record`, and a digest of each input.

    Where a host of a cluster trains, `ask` has it import what trains, so that Keras is not imported here.
    """
    prepare(recipe)
    from pipeline.fingerprint import fingerprint

    digests = {str(file): files.digest(file) for file in inputs}
    late = [*modules, "openfer.networks.storage"]
    return fingerprint({**read, "model": name}, digests, late, ask), digests


def prepare(recipe: Recipe) -> None:
    """Choose the backend of Keras, which is not imported yet, once the versions are those of versions.yaml."""
    versions.require(["numpy", "keras"] + (["tensorflow"] if recipe.backend == "tensorflow" else []))
    backend.choose(recipe.backend)


def kept_row(history: Sequence[Mapping[str, float]], recipe: Recipe) -> Mapping[str, float]:
    """Return the row of the epoch whose weights are the result."""
    return history[-1] if recipe.keep == "last" else max(history, key=lambda row: row["public_accuracy"])


def modules(network: str | None, training: Dataset) -> list[str]:
    """Return the modules of a training that are imported only then: they import Keras, or are found by name."""
    parts = ([network] if network else []) + (["fusion"] if training.descriptor_size else [])
    return ["openfer.training.model", *(f"openfer.networks.{part}" for part in parts)]


if __name__ == "__main__":
    run_for_model(main, __doc__)
