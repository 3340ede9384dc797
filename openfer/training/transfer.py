"""Going on with a trained network: its trunk, preprocessing and statistics, for other faces or other classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from openfer.emotions import IMAGE_SIZE
from openfer.errors import Refused
from openfer.networks.storage import load_network

CLASSIFICATION = "emotions"
"""Name of the last layer of a network, the only one that knows of classes."""


class StartError(Refused):
    """A file holds a network that a training cannot go on with."""


@dataclass(frozen=True)
class Start:
    """What a training begins with.

    Attributes:
        network: a trained one, as `load_start` returns it.
        outputs: for each class of the new faces the output of `network` that means it; None where none does.
        freeze: "trunk" or "none", see `settings.TransferRecipe`.
    """

    network: keras.Model
    outputs: Sequence[int | None]
    freeze: str

    def continued(self) -> keras.Model:
        """Return the network with a classification of the new classes; `network` itself is used up.

        Classes that it knows keep their weights in the classification, others get random ones. Where the trunk is
        frozen, its batch normalisation works with the kept statistics; its dropout stays, as a change of the view.
        """
        old = self.network.get_layer(CLASSIFICATION)
        new = keras.layers.Dense(len(self.outputs), activation="softmax", name=CLASSIFICATION)
        network = keras.Model(self.network.inputs, new(old.input), name=self.network.name)
        network.trainable = True  # the start may have been frozen itself
        for layer in network.layers:
            layer.trainable = self.freeze == "none" or layer is new
        known = [place for place, output in enumerate(self.outputs) if output is not None]
        taken = [self.outputs[place] for place in known]
        weights = [np.array(values) for values in new.get_weights()]
        for values, before in zip(weights, old.get_weights(), strict=True):
            values[..., known] = before[..., taken]
        new.set_weights(weights)
        return network


def load_start(path: Path) -> keras.Model:
    """Read the network that a training is to go on with.

    Raises:
        FileError: the file is missing or damaged.
        StartError: it is none of ours on pixels alone.
    """
    network = load_network(path)
    last = getattr(network, "layers", [None])[-1]
    inputs = [tuple(tensor.shape[1:]) for tensor in getattr(network, "inputs", [])]
    named = isinstance(last, keras.layers.Dense) and last.name == CLASSIFICATION
    if not named or inputs != [(IMAGE_SIZE, IMAGE_SIZE, 1)]:
        raise StartError(
            f"train.start_from is {path}, which must be a network of this project on pixels alone: one input of "
            f"{IMAGE_SIZE} × {IMAGE_SIZE} × 1 and a last layer “{CLASSIFICATION}”. Received: inputs "
            f"{', '.join(' × '.join(map(str, shape)) for shape in inputs) or 'none'}, last layer "
            f"“{getattr(last, 'name', None)}”. `dvc pull -r released models/crowd-vgg.keras` brings one that fits"
        )
    return network
