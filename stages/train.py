"""Train one of the six models: faces, and descriptors for a hybrid → network and history, nothing else.

    python -m stages.train cnn
    python -m stages.train vgg dsift

A training that was interrupted goes on after its last finished epoch when it is started again. MLflow is told
every epoch.
"""

import os
from pathlib import Path

from openfer import files
from openfer.emotions import PUBLIC_TEST, SPLITS, TRAINING
from pipeline import arrays, backend, params, paths, process, tracking, versions
from stages import run_for_model


def main(network: str, descriptor: str | None) -> None:
    """Read, train, write."""
    recipe = params.load("train")
    versions.require(["numpy", "keras"] + (["tensorflow"] if recipe.backend == "tensorflow" else []))
    backend.choose(recipe.backend)
    # Only now: they import Keras.
    from openfer.networks.storage import save_network
    from openfer.training.checkpoints import Checkpoints
    from openfer.training.dataset import Dataset
    from openfer.training.model import Settings, train_model
    from pipeline.fingerprint import fingerprint

    name = paths.model_name(network, descriptor)
    sections = {"train": recipe, "augmentation": params.load("augmentation")}
    sections |= {f"networks.{network}": params.load(f"networks.{network}")}
    sections |= {f"fusion.{descriptor}": params.load(f"fusion.{descriptor}")} if descriptor else {}
    images, labels, split = arrays.faces()
    faces = Dataset(images, labels, arrays.descriptors(descriptor, len(labels)) if descriptor else None)
    read, digests = params.dotted(sections), {str(file): files.digest(file) for file in inputs(descriptor)}

    late = [f"openfer.networks.{part}" for part in (network, *(["fusion"] if descriptor else []))]
    key = fingerprint(read | {"model": name}, digests, late)
    checkpoints = Checkpoints(paths.checkpoint_folder(name, key))
    process.sweep(checkpoints.folder)
    tags = {f"sha256 {file}": value for file, value in digests.items()}
    title = os.environ.get("DVC_STAGE", name)
    with (
        process.alone(checkpoints.folder, f"the training of {name}"),
        tracking.live_run(paths.project_root(), title, key, read, tags) as run,
    ):
        trained, history = train_model(
            name,
            network,
            faces.select(split == TRAINING),
            faces.select(split == PUBLIC_TEST),
            Settings(*sections.values()),
            checkpoints,
            run.epoch,
        )
        save_network(paths.model_path(name), trained)
        files.save_csv(paths.history_path(name), history)
        checkpoints.remove()
        run.finish(history, [paths.model_path(name), paths.history_path(name)])
    best = max(history, key=lambda row: row["public_accuracy"])
    print(f"{name}: accuracy on {SPLITS[PUBLIC_TEST]} {best['public_accuracy']:.4f} in epoch {best['epoch']}")


def inputs(descriptor: str | None) -> list[Path]:
    """Return the files that a training reads."""
    return [paths.IMAGES, paths.LABELS, paths.SPLIT, *([paths.descriptor_path(descriptor)] if descriptor else [])]


if __name__ == "__main__":
    run_for_model(main, __doc__)
