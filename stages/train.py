"""Train one of the six models: faces, and descriptors for a hybrid → network, history, confusion on PublicTest.

    python -m stages.train cnn
    python -m stages.train vgg dsift

A training that was interrupted goes on after its last finished epoch when it is started again.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from openfer import files as artifacts
from openfer import networks
from openfer.emotions import PUBLIC_TEST, SPLITS, TRAINING
from openfer.evaluation.figures.confusion import confusion_counts, confusion_figure
from openfer.evaluation.scores import score
from openfer.networks.layers import standardise
from openfer.prediction.predict import predict
from openfer.training.augmentation import Ranges
from openfer.training.checkpoints import Checkpoints
from openfer.training.dataset import Dataset
from openfer.training.fingerprint import fingerprint
from openfer.training.loop import model_seed, train
from openfer.training.recipe import Recipe
from pipeline import params
from pipeline.params import leaf
from pipeline.tracking import record
from stages import run_for_model

PUBLIC = SPLITS[PUBLIC_TEST]


@dataclass(frozen=True)
class Params:
    """What a training reads of params.yaml beside its recipe, the augmentation and the sizes of the network."""

    seed: int = leaf("seed", at_least=0)


def main(network_name: str, descriptor: str | None) -> None:
    """Train, choose the epoch on PublicTest, write everything, then tell MLflow."""
    name = artifacts.model_name(network_name, descriptor)
    names = {"network": network_name, "descriptor": descriptor}
    schemas = (Params, Recipe, Ranges, *networks.schemas(descriptor))
    options, recipe, ranges, *sizes = sections = [params.load(schema, **names) for schema in schemas]
    read = params.dotted(sections, **names)
    files = [artifacts.IMAGES, artifacts.LABELS, artifacts.SPLIT]
    files += [artifacts.descriptor_path(descriptor)] if descriptor else []
    training, public = read_splits(files)

    seed = model_seed(options.seed, name)
    keras.utils.set_random_seed(seed)
    network = networks.build(network_name, training.descriptor_size, *sizes)
    standardise(network, training.inputs_of_both_views())
    digests = {str(file): artifacts.digest(file) for file in files}
    checkpoints = Checkpoints(artifacts.checkpoint_folder(name, fingerprint(read | {"model": name}, digests)))
    history = train(network, training, public, recipe, ranges, seed, checkpoints)

    predicted = predict(network, public).argmax(axis=1)
    scores = score(public.labels, predicted)
    written = save(name, network, history, confusion_counts(public.labels, predicted))
    final = {key: scores[key] for key in ("accuracy", "macro_f1")} | {"parameters": network.count_params()}
    final |= {f"f1 {emotion}": figures["f1"] for emotion, figures in scores["classes"].items()}
    tags = {f"sha256 {file}": value for file, value in digests.items()}
    record(artifacts.project_root(), os.environ.get("DVC_STAGE", name), read, history, final, tags, written)
    checkpoints.remove()
    print(f"{name}: accuracy on {PUBLIC} {scores['accuracy']:.4f}")


def read_splits(files: list[Path]) -> tuple[Dataset, Dataset]:
    """Copy Training and PublicTest into memory; the mapped files count as memory no longer than this takes."""
    images, labels, split, *descriptors = (artifacts.load_array(file) for file in files)
    faces = Dataset(images, labels, *descriptors)
    return faces.select(split == TRAINING), faces.select(split == PUBLIC_TEST)


def save(name: str, network: keras.Model, history: list[dict], confusion: np.ndarray) -> list[Path]:
    """Write the network and what is known of it; return the files."""
    artifacts.save_network(artifacts.model_path(name), network)
    artifacts.save_csv(artifacts.history_path(name), history)
    artifacts.save_figure(artifacts.public_confusion_path(name), confusion_figure(confusion, f"{name} on {PUBLIC}"))
    paths = (artifacts.model_path, artifacts.history_path, artifacts.public_confusion_path)
    return [path(name) for path in paths]


if __name__ == "__main__":
    run_for_model(main, __doc__)
