"""Actors of Ray that share out pieces of work; what a dead one had is done by another.

Ray Data reads in blocks of its own choice and gives a block of a dead worker to the next one for ever. Here a piece is
what a file of the results holds, so that a run can go on where it was killed, and a picture that kills whoever reads
it is found and named. Only names of files go out and only rows come back, so that there is nothing to stream.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import ray
from ray.exceptions import RayError, RayTaskError

from openfer.app.scale.places import one_line
from openfer.app.scale.tables import table_of
from openfer.app.scale.worker import Job, Reader, refusal
from openfer.errors import Refused

DEADLINE = 60
"""Seconds without a worker after which a run ends: a cluster that has lost all hosts would let it wait for ever."""

DEATHS = 2
"""Workers that may die of a piece before it is halved; of one file, before it is given up."""

Task = Callable[[Reader], Any]
"""What a worker does with its reader."""

FAILED_STARTS = 5
"""Workers in a row that may die before they are ready."""


class NoWorker(Refused):
    """The cluster gives nobody who could work."""


class Worker:
    """A `Reader` in a process of its own."""

    def __init__(self, job: Job) -> None:
        """Load what it needs."""
        self.reader = Reader(job)

    def ready(self) -> str:
        """Return why it cannot work; empty where it can."""
        reason = self.reader.unseen()
        return reason and f"{ray.util.get_node_ip_address()} does not see what is to be read: {reason}"

    def read(self, files: Sequence[tuple[str, str]], task: Task | None) -> Any:
        """Return the rows of files, or what another task gives."""
        return task(self.reader) if task else self.reader(files)


@dataclass(frozen=True)
class Piece:
    """Files that are read together.

    Attributes:
        part: number of the file of the results that their rows are for.
        start: number of the first of them in that part.
        files: (file, why it cannot be read where that is known) each.
        deaths: workers that died of it.
        task: what is to be done, of a single file; None: its rows are to be returned.
    """

    part: int
    start: int
    files: Sequence[tuple[str, str]]
    deaths: int = 0
    task: Task | None = None

    def halves(self) -> list["Piece"]:
        """Return it as two, each of which may kill one worker less than a new one."""
        middle = len(self.files) // 2
        first, second = self.files[:middle], self.files[middle:]
        return [Piece(self.part, self.start, first, 1), Piece(self.part, self.start + middle, second, 1)]


class Pool:
    """Workers, each with one piece at a time: what waits, waits here as names of files."""

    def __init__(self, job: Job, workers: int) -> None:
        """Prepare workers of one core each.

        Args:
            job: what they do.
            workers: how many at most; those for which a cluster has no room come when it has.
        """
        held, actor = ray.put(job), ray.remote(num_cpus=1, max_restarts=0)(Worker)
        self.start: Callable[[], ray.actor.ActorHandle] = lambda: actor.remote(held)
        self.columns = job.columns
        self.starting: dict[ray.ObjectRef, ray.actor.ActorHandle] = {}
        self.working: dict[ray.ObjectRef, tuple[ray.actor.ActorHandle, Piece]] = {}
        self.idle: list[ray.actor.ActorHandle] = []
        self.waiting: deque[Piece] = deque()
        self.workers, self.failed, self.seen = workers, 0, time.monotonic()

    def __call__(self, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, Any]]:
        """Yield what every piece gives, or what it was halved into, once, in the order in which they are done.

        Who takes it may add others by `next`.

        Raises:
            NoWorker: none has come within `DEADLINE`, none starts, or a host does not see the files.
        """
        self.waiting.extend(pieces)
        while self.waiting or self.working:
            self._share_out()
            self._hire()
            done, _ = ray.wait([*self.starting, *self.working], num_returns=1, timeout=1.0)
            for ref in done:
                if ref in self.starting:
                    self._greet(ref)
                elif found := self._take(ref):
                    yield found
            if self.working or self.idle:
                self.seen = time.monotonic()
            elif time.monotonic() - self.seen > DEADLINE:
                raise NoWorker(f"no worker for {DEADLINE} s: the cluster has no free core (`openfer cluster check`)")

    def next(self, pieces: Sequence[Piece]) -> None:
        """Let pieces be done before those that wait."""
        self.waiting.extendleft(reversed(pieces))

    def forget(self, piece: Piece) -> None:
        """Let nothing be done that waits of the file of a piece."""
        place = piece.part, piece.start
        self.waiting = deque(one for one in self.waiting if (one.part, one.start) != place)

    def _hire(self) -> None:
        """Start workers for what waits, as many as there may be."""
        there = len(self.starting) + len(self.working) + len(self.idle)
        for _ in range(min(self.workers - there, len(self.waiting) - len(self.starting))):
            worker = self.start()
            self.starting[worker.ready.remote()] = worker

    def _share_out(self) -> None:
        """Give idle workers what is to be done."""
        while self.idle and self.waiting:
            worker, piece = self.idle.pop(), self.waiting.popleft()
            self.working[worker.read.remote(piece.files, piece.task)] = worker, piece

    def _greet(self, ref: ray.ObjectRef) -> None:
        """Take in a worker that has started, or start another."""
        worker = self.starting.pop(ref)
        try:
            reason = ray.get(ref)
        except RayError as error:
            self.failed += 1
            if isinstance(error, RayTaskError) or self.failed >= FAILED_STARTS:
                raise NoWorker(f"workers do not start: {one_line(error)[-400:]}") from error
            return
        if reason:
            raise NoWorker(reason)
        self.failed = 0
        self.idle.append(worker)

    def _take(self, ref: ray.ObjectRef) -> tuple[Piece, Any] | None:
        """Return what a worker has done; where it died, see to it that another does it."""
        worker, piece = self.working.pop(ref)
        try:
            found = ray.get(ref)
        except RayTaskError as error:  # it lives; the error does not go away when it is done again
            self.idle.append(worker)
            return self._retried(replace(piece, deaths=DEATHS), one_line(error.cause or error))
        except RayError as error:
            self._dismiss(worker)
            deaths = piece.deaths + 1
            return self._retried(replace(piece, deaths=deaths), f"{deaths} workers died of it: {_cause(error)}")
        self.idle.append(worker)
        return piece, found

    def _dismiss(self, worker: ray.actor.ActorHandle) -> None:
        """End a worker that has died and those that are idle, which may have died with its host; others are hired."""
        for one in (worker, *self.idle):
            ray.kill(one)
        self.idle.clear()

    def _retried(self, piece: Piece, reason: str) -> tuple[Piece, pa.Table] | None:
        if piece.deaths < DEATHS:
            self.waiting.appendleft(piece)
        elif len(piece.files) > 1:
            self.waiting.extendleft(piece.halves())
        else:
            return piece, table_of([refusal(piece.files[0][0], reason)], self.columns)
        return None


def _cause(error: RayError) -> str:
    """Return why a worker died, as shortly as Ray can say it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if "exit" in line.lower() or "memory" in line.lower()), lines[0])[:300]
