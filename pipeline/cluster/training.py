"""A training as a task of Ray: it goes to a host, its epochs come home, and it goes on elsewhere when the host dies.

Ray's own retries would repeat the first arguments and so begin anew. Here the driver, this process, submits the task
again with the newest checkpoint, which lies on its disk under the training's fingerprint, as if it had trained itself:
a driver that is killed and started again, and a training without a cluster, go on from there, too.
"""

import functools
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from openfer import files
from openfer.errors import Refused
from openfer.training.checkpoints import Checkpoints
from pipeline import fingerprint, versions
from pipeline.cluster import ClusterError, threads, worker
from pipeline.cluster.connection import connect, sizes, software

NOBODY = 60.0
"""Seconds without a host that is large enough after which a training is given up: one may just be starting."""

LOSSES = 3
"""Hosts or processes that may be lost without a new epoch; then it is the training that kills them."""

GLANCE = 2.0
"""Seconds between two looks at which hosts there are, while a training waits for one."""

BUSY = 15.0
"""Seconds of waiting after which it is told; a process there takes some to begin."""

UNREAD = 2
"""Messages that may wait at home; a training that is faster than what is done with them waits for it."""

FULL = (
    "and so is the disk that it falls back on: end what else runs there, free space, "
    "or start that node of the cluster with a larger --object-store-memory"
)

log = logging.getLogger(__name__)


class EndedError(ClusterError):
    """A training was ended from home, by `Training.end`."""


def _ending_there(method: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a method of `Training`: what goes wrong here, or Ctrl-C, ends the training there."""

    @functools.wraps(method)
    def wrapped(self: "Training", *arguments: Any, **named: Any) -> Any:
        try:
            return method(self, *arguments, **named)
        except BaseException:
            self.end()
            raise

    return wrapped


class Training:
    """One training on the cluster."""

    def __init__(self, backend: str) -> None:
        """Join the cluster and ask for a host, which makes itself ready meanwhile.

        Args:
            backend: of Keras.

        Raises:
            ClusterError: the cluster cannot be joined.
        """
        self.ray, self.backend, self.ended = connect(), backend, False
        self.host = self._ask()

    @_ending_there
    def __call__(
        self,
        name: str,
        work: worker.Work,
        inputs: Sequence[Path],
        output: Path | None,
        checkpoints: Checkpoints,
        on_epoch: Callable[[Mapping[str, float]], None],
        epochs: int,
    ) -> list[dict[str, float]]:
        """Train and write the network here; an error of `on_epoch` ends the training there, too.

        Args:
            name: of the model.
            work: the training; its arrays travel with it.
            inputs: files of the training; those that are no arrays travel, and lie there at the same relative paths.
            output: where the network is written, relative to the project; None where its history is all that counts.
            checkpoints: here.
            on_epoch: is called here with each new row of the history.
            epochs: at most, for the progress bar.

        Returns:
            The history.

        Raises:
            ClusterError: the cluster cannot, and why.
            EndedError: `end` was called.
            Refused: what `work` raises.
        """
        losses, given = 0, _put(self.ray, work, _content(inputs))
        with tqdm(total=epochs, desc=name, unit="epoch") as bar:
            while True:
                newest = checkpoints.latest()
                before = bar.n = newest[0] if newest else 0
                try:
                    for message in self._messages(given, output and str(output), newest):
                        if "host" in message:
                            log.info("%s: trains on %s after epoch %d", name, message["host"], before)
                        elif "row" in message:
                            checkpoints.save(message["epochs"], message["state"])
                            on_epoch(message["row"])
                            bar.update()
                        else:
                            if output:
                                files.save_bytes(output, message["network"])
                            return message["history"]
                except _gone(self.ray) as error:
                    losses = 1 if bar.n > before else losses + 1
                    self._lost(name, losses, bar.n, error)

    def imported(self, modules: Sequence[str]) -> fingerprint.There | None:
        """Import modules there, as `fingerprint.Ask`; None where the host cannot, which the training tells."""
        answer = self.host.imported.remote(list(modules))
        _wait_for_host(self.ray, answer)
        try:
            return self.ray.get(answer)
        except self.ray.exceptions.RayError:
            return None

    def end(self) -> None:
        """End the training there at once; another thread may call this."""
        self.ended = True  # before the host is looked at, of which there may be another now
        self.ray.kill(self.host)

    def _ask(self) -> Any:
        how = {"num_cpus": threads(), "max_restarts": 0, "max_task_retries": 0}
        return self.ray.remote(**how)(worker.Trainer).remote(self.backend)

    def _lost(self, name: str, losses: int, epochs: int, error: Exception) -> None:
        reason = type(error).__name__
        if self.ended:
            raise EndedError(f"{name}: ended after epoch {epochs}") from None
        if losses == LOSSES:
            raise ClusterError(
                f"{name}: {LOSSES} processes in a row were lost without a new epoch after epoch {epochs}. Has a host "
                f"enough memory for it? The last was lost by {reason}: {' '.join(str(error).split())[:300]}"
            ) from None
        text = "%s: its host or its process there is lost after epoch %d (%s); it goes on on another"
        log.warning(text, name, epochs, reason)
        self.ray.kill(self.host)  # which may only have been out of reach, and would go on training
        self.host = self._ask()
        if self.ended:  # meanwhile
            self.end()

    def _messages(
        self, given: Sequence[Any], output: str | None, newest: worker.State | None
    ) -> Iterator[worker.Message]:
        """Submit the training and yield what it sends.

        Raises:
            ClusterError: nobody is there to take it, or its host lacks what it needs.
            Refused: what the training raised, as it did.
        """
        exceptions = self.ray.exceptions
        full = exceptions.ObjectStoreFullError, exceptions.OutOfDiskError
        how = {"num_returns": "streaming", "_generator_backpressure_num_objects": UNREAD}
        stream = self.host.train.options(**how).remote(*given, output, software(), newest)
        try:
            _wait_for_host(self.ray, stream)
            for part in stream:
                yield self.ray.get(part)
        except exceptions.RayTaskError as error:
            if isinstance(error.cause, Refused):
                raise error.cause from None
            if isinstance(error.cause, full):
                raise ClusterError(f"the object store of a host of the cluster is full, {FULL}") from None
            if isinstance(error.cause, ImportError):
                raise ClusterError(
                    f"a host of the cluster lacks a package ({error.cause}): pip install -r requirements.txt there"
                ) from None
            raise
        except full:
            raise ClusterError(f"the object store of a host of the cluster is full, {FULL}") from None
        except exceptions.RuntimeEnvSetupError as error:
            said = " ".join(str(error).split())
            raise ClusterError(f"a host of the cluster cannot take our code: {said[:300]}") from None


def _content(inputs: Sequence[Path]) -> dict[str, bytes]:
    """Return by path the files that travel; arrays are part of the training already."""
    read = [versions.VERSIONS, *(file for file in inputs if file.suffix != ".npy")]
    if outside := [file for file in read if file.is_absolute() or ".." in file.parts]:
        raise ClusterError(f"{outside[0]} lies outside the project, and only what lies within goes to a host: move it")
    return {str(file): file.read_bytes() for file in read}


def _put(ray: Any, *things: Any) -> list[Any]:
    """Put the inputs into the object store, where they are this process's own, however often a task is submitted."""
    try:
        return [ray.put(thing) for thing in things]
    except (ray.exceptions.ObjectStoreFullError, ray.exceptions.OutOfDiskError):
        raise ClusterError(f"the object store of this machine is full, {FULL}") from None


def _wait_for_host(ray: Any, answer: Any) -> None:
    """Wait as long as a host that is large enough is there, which may be busy, and `NOBODY` seconds for one."""
    began = last = time.monotonic()
    told = False
    while not ray.wait([answer], timeout=GLANCE, fetch_local=False)[0]:
        here = sizes(ray)
        if max(here, default=0) >= threads():
            last = time.monotonic()
            if not told and last - began > BUSY:
                log.info("the hosts of the cluster are busy: waiting for one of them")
                told = True
        elif time.monotonic() - last > NOBODY:
            raise ClusterError(
                f"for {NOBODY:.0f} s no host of the cluster has had the {threads()} processors of a training (there "
                f"are hosts of {', '.join(map(str, sorted(here))) or 'none'}): start one (docs/cluster.md), or set "
                "TF_NUM_INTRAOP_THREADS to fewer, here and for every training that is to have the same bits"
            )


def _gone(ray: Any) -> tuple[type[Exception], ...]:
    """Return the errors of a process or host that is gone; whatever a training raises itself is none of them."""
    names = ("RayActorError", "WorkerCrashedError", "NodeDiedError", "LocalRayletDiedError", "ObjectLostError")
    return tuple(getattr(ray.exceptions, name) for name in (*names, "OutOfMemoryError", "RaySystemError"))
