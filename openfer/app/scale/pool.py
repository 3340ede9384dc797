"""Actors of Ray that share out pieces of work: what a dead one had is done by another, a host of no use is left out.

Ray Data reads in blocks of its own choice and gives a block of a dead worker to the next one for ever. Here a piece is
what a file of the results holds, so that a run can go on where it was killed, and a picture that kills whoever reads
it is found and named. Only names of files go out and only rows come back, so that there is nothing to stream.
"""

import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import ray
from ray.exceptions import ActorUnavailableError, ObjectStoreFullError, OutOfDiskError, RayError, RayTaskError
from tqdm import tqdm

from openfer.app.cluster import software
from openfer.app.scale.actor import Task, Worker
from openfer.app.scale.places import UnreachableError
from openfer.app.scale.tables import table_of
from openfer.app.scale.worker import Job, refusal
from openfer.errors import Refused, one_line

DEADLINE = 60
"""Seconds without a worker after which a run ends: a cluster that has lost all hosts would let it wait for ever."""

DEATHS = 2
"""Workers that may die of a piece before it is halved; of one file, before it is given up."""

LOST = 5
"""Hosts that may be lost with a piece before that counts as a death: it may be the piece that ends them."""

FAILED_STARTS = 3
"""Workers in a row that may die on a host before they are ready."""

NODE = "ray.io/node-id"
"""Label of Ray's by which hosts are left out."""


class NoWorker(Refused):
    """The cluster gives nobody who could work."""


@dataclass(frozen=True)
class Piece:
    """Files that are read together.

    Attributes:
        part: number of the file of the results that their rows are for.
        start: number of the first of them in that part.
        files: (file, why it cannot be read where that is known) each.
        deaths: workers that died of it.
        lost: hosts that were lost with it.
        task: what is to be done, of a single file; None: its rows are to be returned.
    """

    part: int
    start: int
    files: Sequence[tuple[str, str]]
    deaths: int = 0
    lost: int = 0
    task: Task | None = None

    def halves(self) -> list["Piece"]:
        """Return it as two, each of which may kill one worker less than a new one."""
        middle = len(self.files) // 2
        second = replace(self, start=self.start + middle, files=self.files[middle:], deaths=1)
        return [replace(self, files=self.files[:middle], deaths=1), second]


@dataclass(frozen=True)
class Hand:
    """A worker that was hired, and its host as Ray numbers it."""

    actor: Any
    home: str


class Pool:
    """Workers, each with one piece at a time: what waits, waits here as names of files."""

    def __init__(self, job: Job, workers: int) -> None:
        """Prepare workers of one core each.

        Args:
            job: what they do.
            workers: how many at most; those for which a cluster has no room come when it has.
        """
        self.worker = ray.remote(num_cpus=1, max_restarts=0)(Worker)
        self.job = ray.put(ray.cloudpickle.dumps(job))
        self.columns = job.columns
        self.starting: dict[ray.ObjectRef, tuple[ray.actor.ActorHandle, ray.ObjectRef]] = {}
        """By what `Worker.ready` gives: the worker, and what `Worker.home` gives."""

        self.working: dict[ray.ObjectRef, tuple[Hand, Piece]] = {}
        self.idle: list[Hand] = []
        self.waiting: deque[Piece] = deque()
        self.workers, self.seen = workers, time.monotonic()
        self.failed: Counter[str] = Counter()
        self.closed: dict[str, str] = {}
        """By host: why nobody is hired there any more."""

        self.left_out: set[str] = set()
        """Of these, the hosts whose workers are ended, too."""

        self.unstarted = ""
        """Why workers died before they could say where, after which fewer and fewer are hired."""

    def __call__(self, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, Any]]:
        """Yield what every piece gives, or what it was halved into, once, in the order in which they are done.

        Who takes it may add others by `next`.

        Raises:
            NoWorker: none has come within `DEADLINE`, or all hosts are left out.
        """
        self.waiting.extend(pieces)
        while self.waiting or self.working:
            self._share_out()
            self._hire()
            self._give_up()
            done, _ = ray.wait([*self.starting, *self.working], num_returns=1, timeout=1.0)
            for ref in done:
                if ref in self.starting:
                    self._greet(ref)
                elif found := self._take(ref):
                    yield found

    def next(self, pieces: Sequence[Piece]) -> None:
        """Let pieces be done before those that wait."""
        self.waiting.extendleft(reversed(pieces))

    def forget(self, piece: Piece) -> None:
        """Let nothing be done that waits of the file of a piece."""
        place = piece.part, piece.start
        self.waiting = deque(one for one in self.waiting if (one.part, one.start) != place)

    def _there(self) -> int:
        """Return how many workers there are, those included that start."""
        return len(self.starting) + len(self.working) + len(self.idle)

    def _hire(self) -> None:
        """Start workers for what waits, as many as there may be, on hosts that are not closed."""
        where = {"label_selector": {NODE: f"!in({','.join(self.closed)})"}} if self.closed else {}
        for _ in range(min(self.workers - self._there(), len(self.waiting) - len(self.starting))):
            actor = self._actor(**where)
            home = actor.home.remote()
            self.starting[actor.ready.remote()] = actor, home

    def _give_up(self) -> None:
        """End the run where nobody works and nobody will.

        Raises:
            NoWorker: with the reason.
        """
        if self.working or self.idle:
            self.seen = time.monotonic()
            return
        hosts = {node["NodeID"] for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")}
        if not self._there() or (hosts and hosts <= self.closed.keys()):
            reasons = dict.fromkeys([*self.closed.values(), self.unstarted])
            raise NoWorker("; ".join(filter(None, reasons)) or "the cluster has no core")
        if time.monotonic() - self.seen > DEADLINE:
            raise NoWorker(f"no worker for {DEADLINE} s: the cluster has no free core (`openfer cluster check`)")

    def _actor(self, **where: Any) -> ray.actor.ActorHandle:
        """Start a worker; where, as Ray's options say it."""
        return self.worker.options(**where).remote(self.job, software())

    def _share_out(self) -> None:
        """Give idle workers what is to be done."""
        while self.idle and self.waiting:
            worker, piece = self.idle.pop(), self.waiting.popleft()
            self.working[worker.actor.read.remote(piece.files, piece.task)] = worker, piece

    def _greet(self, ref: ray.ObjectRef) -> None:
        """Take in a worker that has started, or close its host."""
        actor, where = self.starting.pop(ref)
        home = ""
        try:
            home = ray.get(where)
            reason = ray.get(ref)
        except RayError as error:
            ray.kill(actor)
            self._failed(home, error)
            return
        self.failed[home] = self.failed[""] = 0
        if reason:
            self._leave_out(home, reason)
        self._free(Hand(actor, home))

    def _failed(self, home: str, error: RayError) -> None:
        """Count a worker that died before it was ready; after some in a row none is hired there any more.

        Args:
            home: its host; "" where it died before it could say that. Then nobody takes its place, wherever.
            error: how it died.
        """
        self.failed[home] += 1
        if self.failed[home] < FAILED_STARTS or home in self.closed:
            return
        reason = f"workers do not start: {one_line(error)[-400:]}"
        if not home:
            self.workers = self._there()
            if self.workers and not self.unstarted:
                tqdm.write(f"no more workers are started: {reason}", sys.stderr)
            self.unstarted = reason
        elif any(hand.home == home for hand in (*self.idle, *(hand for hand, _ in self.working.values()))):
            self._close(home, "no more workers are started", reason)
        else:
            self._leave_out(home, reason)

    def _leave_out(self, home: str, reason: str) -> None:
        """Hire nobody on a host any more, end who is there once its piece is done, and tell why."""
        if home not in self.left_out:
            self.left_out.add(home)
            self._close(home, "left out", reason)
        self._end_idle(home)

    def _close(self, home: str, what: str, reason: str) -> None:
        """Hire nobody on a host any more, and tell what becomes of it, above the progress bar."""
        name = _name(home)
        self.closed[home] = f"{name}: {reason}"
        tqdm.write(f"{name}: {what}: {reason}", sys.stderr)

    def _free(self, worker: Hand) -> None:
        """Let a worker have the next piece, unless its host was left out meanwhile."""
        if worker.home in self.left_out:
            ray.kill(worker.actor)
        else:
            self.idle.append(worker)

    def _end_idle(self, home: str) -> None:
        """End the idle workers of a host."""
        for one in self.idle:
            if one.home == home:
                ray.kill(one.actor)
        self.idle = [one for one in self.idle if one.home != home]

    def _take(self, ref: ray.ObjectRef) -> tuple[Piece, Any] | None:
        """Return what a worker has done; where it died, see to it that another does it."""
        worker, piece = self.working.pop(ref)
        try:
            found = ray.get(ref)
        except RayTaskError as error:  # it lives; the error does not go away when it is done again
            if isinstance(error.cause, UnreachableError | ObjectStoreFullError | OutOfDiskError):
                self.waiting.appendleft(piece)
                ray.kill(worker.actor)
                self._leave_out(worker.home, one_line(error.cause))
                return None
            self._free(worker)
            return self._retried(replace(piece, deaths=DEATHS), one_line(error.cause or error))
        except RayError as error:
            ray.kill(worker.actor)
            if piece.lost < LOST and _is_lost(worker.home, error):
                self._end_idle(worker.home)
                self.waiting.appendleft(replace(piece, lost=piece.lost + 1))
                return None
            deaths = piece.deaths + 1
            return self._retried(replace(piece, deaths=deaths), f"{deaths} workers died of it: {_cause(error)}")
        self._free(worker)
        return piece, found

    def _retried(self, piece: Piece, reason: str) -> tuple[Piece, pa.Table] | None:
        if piece.deaths < DEATHS:
            self.waiting.appendleft(piece)
        elif len(piece.files) > 1:
            self.waiting.extendleft(piece.halves())
        else:
            return piece, table_of([refusal(piece.files[0][0], reason)], self.columns)
        return None


def _is_lost(home: str, error: RayError) -> bool:
    """Tell whether a host was lost, and not a worker alone, whose end its host would have told."""
    alive = (node["NodeID"] for node in ray.nodes() if node["Alive"])
    return isinstance(error, ActorUnavailableError) or home not in alive


def _name(home: str) -> str:
    """Return what a host is called."""
    called = {node["NodeID"]: f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})" for node in ray.nodes()}
    return called.get(home, home)


def _cause(error: RayError) -> str:
    """Return why a worker died, as shortly as Ray can say it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if "exit" in line.lower() or "memory" in line.lower()), lines[0])[:300]
