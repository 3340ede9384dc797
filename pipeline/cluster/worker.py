"""What a host of the cluster does: one training, of which every epoch is sent home as soon as it has ended."""

import contextlib
import importlib
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np

from openfer.files import scratch
from openfer.training.checkpoints import Checkpoints
from pipeline import backend, fingerprint, versions
from pipeline.cluster import ClusterError
from pipeline.cluster.connection import software

Message = Mapping[str, Any]
State = tuple[int, dict[str, np.ndarray]]
Work = Callable[[Checkpoints, Callable[[Mapping[str, float]], None]], list[dict[str, float]]]
"""Trains, writes the network at its path where there is one, and returns the history."""

WAITING = 2
"""Epochs that may wait to be sent; a training that is faster than the line waits, and memory has an end."""


class Sent(Checkpoints):
    """Checkpoints that lie at home: the newest came with the task, and every new one goes there."""

    def __init__(self, folder: Path, newest: State | None) -> None:
        super().__init__(folder)
        self.newest = newest

    def save(self, epochs: int, state: dict[str, np.ndarray]) -> None:
        """Keep the state until its row is there; a copy, since training goes on."""
        self.newest = epochs, {name: np.array(value) for name, value in state.items()}

    def latest(self) -> State | None:
        """Return what came with the task."""
        return self.newest


class Trainer:
    """An actor, so a process, of which each trains once: Keras numbers the layers of all networks of a process."""

    def __init__(self, backend: str) -> None:
        """Begin to import Keras, seconds in which home reads what the training is.

        Args:
            backend: of Keras.
        """
        self.imports = threading.Thread(target=_import, args=(backend,), daemon=True)
        self.imports.start()

    def imported(self, modules: Sequence[str]) -> fingerprint.There:
        """Import modules, and return what `fingerprint.There` is."""
        self.imports.join()
        for module in modules:
            importlib.import_module(module)
        return fingerprint.imported(), fingerprint.software()

    def train(self, *arguments: Any) -> Iterator[Message]:
        """See `train`."""
        self.imports.join()
        yield from train(*arguments)


def _import(name: str) -> None:
    with contextlib.suppress(Exception):  # the training says in one line what is missing here
        backend.choose(name)
        importlib.import_module("openfer.training.model")


def train(
    work: Work, files: Mapping[str, bytes], output: str | None, expected: Mapping[str, str], newest: State | None
) -> Iterator[Message]:
    """Train in a folder of its own.

    Args:
        work: the training.
        files: that it reads, by path relative to the project.
        output: the path of the network, relative to the project; None where none is written.
        expected: Python and processor at home.
        newest: the checkpoint to go on from; None at the beginning.

    Yields:
        {"host"} when it begins, {"epochs", "state", "row"} an epoch, {"history", "network"} at the end; the network is
        bytes, or None.

    Raises:
        Refused: the software differs, or the training cannot go on.
    """
    host, here = socket.gethostname(), software()
    differing = [f"{name} {here[name]} instead of {value}" for name, value in expected.items() if here[name] != value]
    if differing:
        raise ClusterError(f"host {host} has {', '.join(differing)}: the same bits are promised of the same alone")
    yield {"host": host}
    outbox: Queue[Message | BaseException | None] = Queue(WAITING)
    with scratch("openfer-training") as folder:
        for name, content in files.items():
            (path := folder / name).parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        os.chdir(folder)
        threading.Thread(target=_work, args=(work, output, Sent(folder, newest), outbox), daemon=True).start()
        for message in iter(outbox.get, None):
            if isinstance(message, BaseException):
                raise message
            yield message
        os.chdir("/")


def _work(work: Work, output: str | None, checkpoints: Sent, outbox: Queue) -> None:
    def on_epoch(row: Mapping[str, float]) -> None:
        epochs, state = checkpoints.newest
        outbox.put({"epochs": epochs, "state": state, "row": dict(row)})

    try:
        history = work(checkpoints, on_epoch)
        outbox.put({"history": history, "network": Path(output).read_bytes() if output else None})
        outbox.put(None)
    except versions.VersionError as error:
        outbox.put(ClusterError(f"host {socket.gethostname()}: {error}"))
    except BaseException as error:  # whatever it is, it is told at home
        outbox.put(error)
