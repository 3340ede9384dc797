"""Train a small network on the devices that the environment asks for, as a stage does.

    python -m tests.training.on_devices FOLDER [BATCH_SIZE [EPOCHS]]

Leaves the weights in the folder, under the number of the process, and prints a line of JSON: what of the devices is in
the fingerprint, and the history. Checkpoints are kept in the folder, too.
"""

import json
import logging
import os
import sys
from pathlib import Path

import numpy as np

from openfer.errors import Refused
from pipeline import backend, devices


def main(folder: Path, batch_size: int = 16, epochs: int = 2) -> None:
    """Train, save, tell."""
    backend.choose("jax")
    devices.require("jax")
    devices.use()
    from openfer.training.checkpoints import Checkpoints
    from openfer.training.devices import facts
    from openfer.training.loop import train
    from tests.training.small import GENTLE, faces, one_layer, recipe

    devices.require_equal([batch_size])
    training = faces(48)
    network, how = one_layer(training), recipe(epochs=epochs, batch_size=batch_size)
    checkpoints = Checkpoints(folder / "checkpoints", writes=devices.leads())
    history = train(network, training, faces(21), how, GENTLE, 5, checkpoints)
    np.savez(folder / f"{os.environ.get(devices.PROCESS, 0)}.npz", *network.get_weights())
    sys.stdout.write(json.dumps({"facts": facts(), "history": history}) + "\n")


if __name__ == "__main__":
    logging.disable()
    try:
        main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    except Refused as error:
        sys.exit(str(error))
