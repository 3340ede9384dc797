"""A `dvc repro` that a person can follow: one line per stage, and how long the rest will take.

What the stages and their libraries print goes to a file; it is shown where a stage fails.
"""

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, TextIO

STARTED = re.compile(r"Running stage '([^']+)'")
SKIPPED = re.compile(r"Stage '([^']+)' (?:didn't change|is cached)")
BAR = re.compile(r"(\d+)%\|")
"""How a progress bar looks."""

DVC = ("> ", "Generating lock file", "Updating lock file", "Use `dvc push`")
"""How lines begin that DVC itself prints about a stage."""

USUAL = {"draw": 13, "train": 20, "predict": 9, "evaluate": 8, "export": 28}
"""Seconds of a stage on two cores, by the first word of its name; `OTHERS` of all others. The more stages have run, the
less these count, and the more how fast they ran."""

OTHERS = 3

SHOWN = 30
"""Lines of a stage's output that are shown where it fails."""


class Progress:
    """Which stages are done and how long the others will take."""

    def __init__(self, names: Sequence[str], output: TextIO) -> None:
        """Start with no stage done.

        Args:
            names: of all stages, in any order.
            output: where lines are written; on a terminal the last one moves.
        """
        self.waiting, self.total, self.output = list(names), len(names), output
        self.name, self.started, self.percent, self.note = "", 0.0, "", ""
        self.usual = self.spent = 60.0  # of the stages that ran, and of a first minute that is believed to be usual

    def start(self, name: str) -> None:
        """Say that a stage runs."""
        self.finish()
        self.name, self.started = name, time.monotonic()
        self._take(name)
        self.tick()

    def skip(self, name: str) -> None:
        """Say that a stage need not run."""
        self.finish()
        self._take(name)
        self._print(f"{self._count()}  {name:28} nothing has changed\n")

    def finish(self) -> None:
        """Write the line of the stage that runs, if one does."""
        if not self.name:
            return
        seconds = time.monotonic() - self.started
        self.spent, self.usual = self.spent + seconds, self.usual + usual(self.name)
        name, self.name = self.name, ""
        left = f"{clock(self.left())} left" if self.waiting else ""
        self._print(f"{self._count()}  {name:28} {seconds:4.0f} s  {left:10}  {self.note}".rstrip() + "\n")
        self.percent = self.note = ""

    def hear(self, line: str, says: bool) -> None:
        """Take in a line of the stage that runs: a progress bar, or what it says."""
        bar = BAR.search(line)
        if bar:
            self.percent = f"{bar[1]} %"
        elif says and not line.startswith(DVC):
            self.note = " ".join(line.split())

    def tick(self) -> None:
        """Let the line of the stage that runs move, on a terminal."""
        if self.name and self.output.isatty():
            self._print(f"{self._count()}  {self.name:28} {self.percent:>6}  {clock(self.left())} left")

    def left(self) -> float:
        """Return the seconds that the stages that are not done will take."""
        slowness = self.spent / self.usual
        running = max(0.0, usual(self.name) * slowness - (time.monotonic() - self.started)) if self.name else 0.0
        return running + slowness * sum(map(usual, self.waiting))

    def _take(self, name: str) -> None:
        if name in self.waiting:
            self.waiting.remove(name)

    def _count(self) -> str:
        return f"{self.total - len(self.waiting):3}/{self.total}"

    def _print(self, line: str) -> None:
        if self.output.isatty():
            end, width = "\n" if line.endswith("\n") else "", shutil.get_terminal_size().columns - 1
            line = f"\r\033[K{line.rstrip()[:width]}{end}"
        self.output.write(line)
        self.output.flush()


def usual(name: str) -> float:
    """Return the seconds that a stage takes on two cores."""
    return USUAL.get(re.match(r"[a-z]*", name.rpartition(":")[2])[0], OTHERS)


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds: 2:05."""
    return f"{round(seconds) // 60}:{round(seconds) % 60:02}"


def stage_names(folder: Path, files: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """Return the names of all stages of some pipelines, as `dvc repro` calls them."""
    command = [sys.executable, "-m", "dvc", "stage", "list", "--name-only", *files]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.split()  # where dvc.yaml is not as it should be, `dvc repro` says so


def repro(folder: Path, files: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
    """Run `dvc repro` and show how far it is; where it fails, show what the stage that failed has said.

    Args:
        folder: the project.
        files: its pipelines, such as dvc.yaml.
        environment: of DVC and the stages.
        log: gets everything that they print, but for progress bars.

    Returns:
        DVC's exit code.
    """
    progress = Progress(stage_names(folder, files, environment), sys.stdout)
    said: list[str] = []
    command = [sys.executable, "-m", "dvc", "repro", *files]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "errors": "replace"}
    with (
        log.open("w", encoding="utf-8", buffering=1) as file,
        subprocess.Popen(command, cwd=folder, env=environment, **pipes) as run,
    ):
        for line, says in lines(run.stdout, run.stderr):
            started, skipped = STARTED.search(line), SKIPPED.search(line)
            if started or skipped:
                said.clear()
            if line and not BAR.search(line):
                said.append(line)
                file.write(f"{line}\n")
            if started:
                progress.start(started[1])
            elif skipped:
                progress.skip(skipped[1])
            elif line:
                progress.hear(line, says)
            progress.tick()
    if run.returncode:
        print("\n".join(["", *said[-SHOWN:], "", f"The whole output: {log}"]))
    else:
        progress.finish()
    return run.returncode


def lines(output: IO[str], errors: IO[str]) -> Iterator[tuple[str, bool]]:
    """Yield (line, whether it came from `output`) of two pipes as they come, and an empty line each second without."""
    queue: SimpleQueue[tuple[str, bool] | None] = SimpleQueue()

    def read(pipe: IO[str]) -> None:
        for line in pipe:
            queue.put((line.rstrip("\n"), pipe is output))
        queue.put(None)

    for pipe in (output, errors):
        threading.Thread(target=read, args=(pipe,), daemon=True).start()
    open_pipes = 2
    while open_pipes:
        try:
            item = queue.get(timeout=1)
        except Empty:
            yield "", False
        else:
            open_pipes -= item is None
            if item:
                yield item
