"""Train one of the models: faces, and descriptors for a hybrid → network and history, nothing else.

    python -m stages.train cnn
    python -m stages.train vgg dsift

A training that was interrupted goes on after its last finished epoch when it is started again. MLflow is told
every epoch.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False)
class Job:
    """A training: what it learns from, how, and by what it is known.

    Attributes:
        name: of the model.
        recipe: how it is trained.
        read: what was read of params.yaml, by dotted name.
        inputs: the files that the faces, and the network it may start from, come from.
        modules: that train it and are imported only then, since they import Keras.
        training: the faces to learn from.
        public: the faces that are measured after each epoch.
        fit: trains: both faces, `Checkpoints` and what is told every epoch → network and history.
        emotions: what the network is to tell apart; it is told whoever loads it, where they are not FER2013's seven.
    """

    name: str
    recipe: Recipe | PlainRecipe
    read: Mapping[str, Any]
    inputs: Sequence[Path]
    modules: Sequence[str]
    training: Dataset
    public: Dataset
    fit: Callable[[Dataset, Dataset, Any, OnEpoch], Trained]
    emotions: Sequence[str] = EMOTIONS


def main(network: str, descriptor: str | None) -> None:
    """Train on the labels of FER2013."""
    record(job(network, descriptor))


def job(network: str, descriptor: str | None = None) -> Job:
    """Return the training of a network of params.yaml: `record` does it, a search does it with other params."""
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
    training, public = faces.select(split == TRAINING), faces.select(split == PUBLIC_TEST)
    return own(paths.model_name(network, descriptor), network, training, public, settings, read, emotions=names)


def own(
    name: str,
    network: str | None,
    training: Dataset,
    public: Dataset,
    settings: Mapping[str, Any],
    inputs: Sequence[Path],
    also: Mapping[str, Any] | None = None,
    emotions: Sequence[str] = EMOTIONS,
    start: "Callable[[], Start] | None" = None,
) -> Job:
    """Return the training of one of our networks.

    Args:
        name: of the model.
        network: a module of openfer/networks; None where `start` brings the network.
        training: the faces to learn from.
        public: the faces that are measured after each epoch.
        settings: sections of params.yaml by their names, in the order of `training.model.Settings`.
        inputs: the files that the faces, and the start, come from.
        also: sections that the faces depend on.
        emotions: what the network is to tell apart.
        start: reads the network that the training goes on with; None for random weights.
    """

    def fit(training: Dataset, public: Dataset, checkpoints: Any, on_epoch: OnEpoch) -> Trained:
        from openfer.training.model import Settings, train_model

        how, begin = Settings(*settings.values()), start() if start else None
        return train_model(name, network, training, public, how, checkpoints, on_epoch, begin)

    read, parts = params.dotted({**settings, **(also or {})}), [network] if network else []
    parts += ["fusion"] if training.descriptor_size else []
    modules = ["openfer.training.model", *(f"openfer.networks.{part}" for part in parts)]
    return Job(name, settings["train"], read, inputs, modules, training, public, fit, emotions)


def record(job: Job, outputs: Outputs | None = None) -> None:
    """Train a model from where it was interrupted, with MLflow looking on, and write it and its history.

    It is trained here or, where the environment names a cluster, on a host of that; the bytes are the same. Where it
    names several processes that train together, the first one writes.

    Args:
        job: what is trained.
        outputs: other places than those of the stage.
    """
    network_path, history_path = outputs or (paths.model_path(job.name), paths.history_path(job.name))
    there = _place(job.recipe)
    key, digests = identity(job, there and there.imported)
    devices.require_equal([job.name, job.read, digests])
    checkpoints = Checkpoints(paths.checkpoint_folder(job.name, key), writes=devices.leads())
    if not devices.leads():
        job.fit(job.training, job.public, checkpoints, lambda row: None)
        return
    process.sweep(checkpoints.folder)
    tags = tracking.tags_of(digests, job.emotions)
    with (
        process.alone(checkpoints.folder, f"the training of {job.name}"),
        tracking.live_run(paths.project_root(), os.environ.get("DVC_STAGE", job.name), key, job.read, tags) as run,
    ):
        trains = work(job, network_path)
        if there:
            history = there(job.name, trains, job.inputs, network_path, checkpoints, run.epoch, job.recipe.epochs)
        else:
            history = trains(checkpoints, run.epoch)
        files.save_csv(history_path, history)
        checkpoints.remove()
        run.finish(history, [network_path, history_path])
    _tell(job.name, kept_row(history, job.recipe), "fold.left_out" in job.read)


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


def work(job: Job, path: Path | None = None) -> Callable[[Any, OnEpoch], list[dict[str, float]]]:
    """Return what trains, here or on a host of a cluster: it writes the network there and returns the history.

    Args:
        job: what is trained.
        path: of the network, relative to the project; None where its history is all that counts.
    """

    def trains(checkpoints: Any, on_epoch: OnEpoch) -> list[dict[str, float]]:
        prepare(job.recipe)
        from openfer.networks.storage import save_network  # only now: it imports Keras

        network, history = job.fit(job.training, job.public, checkpoints, on_epoch)
        if path:
            save_network(path, network, job.emotions)
        return history

    return trains


def identity(job: Job, ask: "Ask | None" = None) -> tuple[str, dict[str, str]]:
    """Return the fingerprint of a training and a digest of each input.

    Where a host of a cluster trains, `ask` has it import what trains, so that Keras is not imported here.
    """
    prepare(job.recipe)
    from pipeline.fingerprint import fingerprint

    digests = {str(file): files.digest(file) for file in job.inputs}
    late = [*job.modules, "openfer.networks.storage"]
    return fingerprint({**job.read, "model": job.name}, digests, late, ask), digests


def prepare(recipe: Recipe) -> None:
    """Choose the backend of Keras, which is not imported yet, once the versions are those of versions.yaml."""
    versions.require(["numpy", "keras"] + (["tensorflow"] if recipe.backend == "tensorflow" else []))
    backend.choose(recipe.backend)


def kept_row(history: Sequence[Mapping[str, float]], recipe: Recipe) -> Mapping[str, float]:
    """Return the row of the epoch whose weights are the result."""
    return history[-1] if recipe.keep == "last" else max(history, key=lambda row: row["public_accuracy"])


if __name__ == "__main__":
    run_for_model(main, __doc__)
