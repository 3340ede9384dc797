"""Train one of the six models: faces, and descriptors for a hybrid → network, probabilities, history, scores.

    python -m stages.train cnn
    python -m stages.train vgg dsift

A training that was interrupted goes on after its last finished epoch when it is started again.
"""

import argparse
import dataclasses
import logging
import os
from dataclasses import dataclass

import keras

from fer import artifacts, networks, params
from fer.augmentation import Ranges
from fer.checkpoints import Checkpoints
from fer.confusion import confusion_counts, confusion_figure
from fer.dataset import Dataset
from fer.emotions import PUBLIC_TEST, SPLITS, TRAINING
from fer.fingerprint import fingerprint
from fer.networks.layers import Sizes, standardise
from fer.params import leaf
from fer.prediction import predict
from fer.scores import score
from fer.tracking import record
from fer.training import Recipe, train


@dataclass(frozen=True)
class Params:
    """What a training reads of params.yaml beside its recipe, the augmentation and the sizes of the network."""

    seed: int = leaf("seed", at_least=0)


def main(network_name: str, descriptor: str | None) -> None:
    """Train, choose the epoch on PublicTest, write everything."""
    name = artifacts.model_name(network_name, descriptor)
    seed = params.load(Params).seed
    recipe, ranges = params.load(Recipe), params.load(Ranges)
    sizes = params.load(Sizes, network=network_name)
    files = [artifacts.IMAGES, artifacts.LABELS, artifacts.SPLIT]
    files += [artifacts.descriptor_path(descriptor)] if descriptor else []
    images, labels, split, *descriptors = (artifacts.load_array(file) for file in files)
    faces = Dataset(images, labels, *descriptors)
    training, public = (faces.select(split == code) for code in (TRAINING, PUBLIC_TEST))

    keras.utils.set_random_seed(seed)
    network = networks.build(network_name, sizes, faces.descriptor_size)
    standardise(network, training.inputs_of_both_views())
    read = {"model": name, "seed": seed}
    read |= {key: value for part in (recipe, ranges, sizes) for key, value in dataclasses.asdict(part).items()}
    digests = {str(file): artifacts.digest(file) for file in files}
    checkpoints = Checkpoints(artifacts.checkpoint_folder(name, fingerprint(read, digests)))
    history = train(network, training, public, recipe, ranges, seed, checkpoints)

    evaluated = split != TRAINING
    probabilities = predict(network, faces.select(evaluated))
    predicted = probabilities[split[evaluated] == PUBLIC_TEST].argmax(axis=1)
    scores = score(public.labels, predicted)
    folder = artifacts.metrics_folder(name)
    written = [artifacts.model_path(name)]
    written += [folder / file for file in ("history.csv", "training.json", "public_confusion.png")]
    artifacts.save_array(artifacts.probabilities_path(name), probabilities)
    artifacts.save_network(written[0], network)
    artifacts.save_csv(written[1], history)
    artifacts.save_json(written[2], {"parameters": network.count_params(), SPLITS[PUBLIC_TEST]: scores})
    confusion = confusion_figure(confusion_counts(public.labels, predicted), f"{name} on {SPLITS[PUBLIC_TEST]}")
    artifacts.save_figure(written[3], confusion)
    final = {key: scores[key] for key in ("accuracy", "macro_f1")}
    tags = {f"sha256 {file}": value for file, value in digests.items()}
    record(artifacts.project_root(), os.environ.get("DVC_STAGE", name), read, history, final, tags, written)
    checkpoints.remove()
    print(f"{name}: accuracy on {SPLITS[PUBLIC_TEST]} {scores['accuracy']:.4f}")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=["cnn", "vgg"])
    parser.add_argument("descriptor", nargs="?", choices=["sift", "dsift"])
    arguments = parser.parse_args()
    main(arguments.network, arguments.descriptor)
