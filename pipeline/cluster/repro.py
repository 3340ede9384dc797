"""`dvc repro` of which stages that do not wait for each other run side by side, each as a `dvc repro` of its own.

Trainings submit themselves to the cluster, so as many run at once as it has room for. All other stages run here, one at
a time.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence

from pipeline.cluster import ClusterError, chosen
from pipeline.cluster.connection import connect, room

Graph = dict[str, set[str]]
"""Stage → the stages that it waits for."""

EDGE = re.compile(r'"([^"]+)"(?: -> "([^"]+)")?;')
"""A line of what `dvc dag --dot` prints: a stage, or one and another that waits for it."""

BAR = re.compile(r"\d+%\|")
"""How a progress bar looks."""

EVERY = 30.0
"""Seconds between two lines of a progress bar."""

LOOK = 0.1
"""Seconds between two looks at what has ended."""


class ReproError(ClusterError):
    """Stages failed; what they said stands above."""


def graph(targets: Sequence[str]) -> Graph:
    """Return the stages that some targets of DVC need, in no order.

    Args:
        targets: stages, or files such as crowd/dvc.yaml.

    Raises:
        ReproError: DVC refuses the targets; its message.
    """
    found: Graph = {}
    for target in targets:
        done = subprocess.run(dvc("dag", "--dot", target), capture_output=True, text=True, check=False)
        if done.returncode:
            raise ReproError(" ".join(done.stderr.split()) or f"dvc dag {target} ended with {done.returncode}")
        for first, second in EDGE.findall(done.stdout):
            found.setdefault(first, set())
            if second:
                found.setdefault(second, set()).add(first)
    return found


def dvc(*arguments: str) -> list[str]:
    """Return a command of the DVC of this Python."""
    return [sys.executable, "-m", "dvc", *arguments]


def trains(stage: str) -> bool:
    """Tell whether a stage is a training of a network, which goes to the cluster, by its name."""
    return re.match(r"(.*:)?train(_\w+)?(@|$)", stage) is not None


class Repro:
    """The stages that wait, those that run and those that are done."""

    def __init__(self, waiting: Graph, trainings: int) -> None:
        """Run nothing yet.

        Args:
            waiting: the stages.
            trainings: that run at once; of other stages, one does.
        """
        self.waiting, self.trainings = waiting, trainings
        self.running: dict[str, subprocess.Popen] = {}
        self.done: set[str] = set()
        self.failed: list[str] = []

    def run(self) -> None:
        """Run all; when one fails, no other begins, and those that run come to their end.

        Raises:
            ReproError: stages failed.
        """
        try:
            while (self.waiting and not self.failed) or self.running:
                self._begin()
                self._end()
                time.sleep(LOOK)
        finally:  # Ctrl-C; a training that is ended goes on after its last epoch the next time
            for process in self.running.values():
                if process.poll() is None:  # else its number may be another's by now
                    os.killpg(process.pid, signal.SIGTERM)
            for process in self.running.values():
                process.wait()
        if self.failed:
            left = f"; not begun: {', '.join(sorted(self.waiting))}" if self.waiting else ""
            raise ReproError(f"failed: {', '.join(self.failed)}{left}")

    def _begin(self) -> None:
        ready = sorted(stage for stage, needs in self.waiting.items() if needs <= self.done) if not self.failed else []
        for stage in ready:
            alike = sum(trains(other) == trains(stage) for other in self.running)
            if alike < (self.trainings if trains(stage) else 1):
                del self.waiting[stage]
                self.running[stage] = start(stage)

    def _end(self) -> None:
        for stage, process in list(self.running.items()):
            if process.poll() is not None:
                del self.running[stage]
                process.reader.join()
                if process.returncode:
                    self.failed.append(stage)
                else:
                    self.done.add(stage)


def start(stage: str) -> subprocess.Popen:
    """Start `dvc repro` of one stage, in a group of its own; its lines are told with its name in front."""
    process = subprocess.Popen(
        dvc("--wait-for-lock", "repro", "--single-item", stage),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    process.reader = threading.Thread(target=_tell, args=(stage, process.stdout), daemon=True)
    process.reader.start()
    return process


def _tell(stage: str, lines: Iterable[str]) -> None:
    """Write lines with the stage's name; of a progress bar, of which each move is a line here, only now and then."""
    told = -EVERY
    for line in lines:
        is_bar = BAR.search(line) is not None
        if line.strip() and not (is_bar and time.monotonic() - told < EVERY):
            told = time.monotonic() if is_bar else told
            sys.stdout.write(f"{stage}: {line}")
            sys.stdout.flush()


def main(targets: Sequence[str], trainings: int | None) -> None:
    """Bring stages up to date.

    Args:
        targets: stages of DVC, or files such as crowd/dvc.yaml.
        trainings: that run at once; None for as many as the cluster has room for.

    Raises:
        ReproError: stages failed, which have said why.
        ClusterError: the cluster cannot be joined.
    """
    Repro(graph(targets), trainings or _room()).run()


def _room() -> int:
    """Return how many trainings there is room for; the cluster is left again, whose end must not be that of this."""
    count = room()
    if chosen():
        connect().shutdown()
    return count
