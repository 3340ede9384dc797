"""The seven models and the eight ensembles: which there are, what the field calls them, how members are combined."""

from collections.abc import Mapping, Sequence

import numpy as np

from openfer.errors import Refused

SIX = {
    "cnn": "CNN",
    "cnn-sift": "SIFT-CNN",
    "cnn-dsift": "DSIFT-CNN",
    "vgg": "VGG",
    "vgg-sift": "SIFT-VGG",
    "vgg-dsift": "DSIFT-VGG",
}
"""Names of the six models of CNN and VGG, each on pixels alone and with either descriptor, in files and in tables."""

MODELS = SIX | {"resnet": "ResNet"}
"""Names of all models."""

ENSEMBLES = {
    "cnn+sift": ("CNN + SIFT-CNN", ("cnn", "cnn-sift")),
    "cnn+dsift": ("CNN + DSIFT-CNN", ("cnn", "cnn-dsift")),
    "cnn-all": ("all CNN", ("cnn", "cnn-sift", "cnn-dsift")),
    "vgg+sift": ("VGG + SIFT-VGG", ("vgg", "vgg-sift")),
    "vgg+dsift": ("VGG + DSIFT-VGG", ("vgg", "vgg-dsift")),
    "vgg-all": ("all VGG", ("vgg", "vgg-sift", "vgg-dsift")),
    "all": ("all six", tuple(SIX)),
    "best": ("CNN + VGG + ResNet", ("cnn", "vgg", "resnet")),
}
"""Name of an ensemble in files, its name in tables, its members. All but the last two are the reference project's."""

SYSTEMS = (*MODELS, *ENSEMBLES)
"""All systems, in the order of the tables."""


def members(system: str) -> tuple[str, ...]:
    """Return the models whose mean a system is; a model is its only member.

    Raises:
        Refused: there is no such system.
    """
    if system not in SYSTEMS:
        raise Refused(f"a model or ensemble is one of {', '.join(SYSTEMS)}. Received: {system!r}")
    return ENSEMBLES[system][1] if system in ENSEMBLES else (system,)


def display_name(system: str) -> str:
    """Return what a model or ensemble is called in tables."""
    return MODELS[system] if system in MODELS else ENSEMBLES[system][0]


def combine(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean of the members' probabilities, (n, 7): what no published weighting on FER2013 has beaten."""
    return np.mean(probabilities, axis=0)


def systems(probabilities: Mapping[str, np.ndarray], names: Sequence[str] = SYSTEMS) -> dict[str, np.ndarray]:
    """Return the probabilities (n, 7) of models and ensembles, by default of all, from those of the models.

    Args:
        probabilities: of each member of the systems.
        names: of the systems.
    """
    return {name: combine([probabilities[model] for model in members(name)]) for name in names}
