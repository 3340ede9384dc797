"""Several trainings of one stage that differ in one thing: how far its accuracy depends on chance (seeds.py, folds.py).

The networks and histories are kept in .seeds/, under the fingerprints of their trainings, so that none is trained
twice. On a cluster they train side by side, without one one after the other.
"""

import argparse
import importlib
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import stages
from openfer import files
from pipeline import params, paths
from pipeline.cluster import ClusterError, chosen
from pipeline.cluster.connection import room
from pipeline.cluster.repro import dvc
from stages import train

KEPT = Path(".seeds")

PARAMS = {
    "stages.train": params.PARAMS,
    "crowd.train": params.CROWD,
    "transfer.train": params.TRANSFER,
    "baselines.train": params.BASELINES,
    "search.train": params.SEARCH,
}
"""Modules that train for a stage and have a `job`, and the file that holds their `train.seed`."""


class SeveralError(ClusterError):
    """A stage cannot be trained several times."""


def command(stage: str) -> tuple[str, list[str]]:
    """Return the module that a stage of DVC runs, and its arguments.

    Raises:
        SeveralError: there is no such stage, or it is no training.
    """
    done = subprocess.run(dvc("repro", "--dry", "--force", "-s", stage), capture_output=True, text=True, check=False)
    found = re.search(r"^> sh stages/run (\S+) ?(.*)$", done.stdout, re.MULTILINE)
    if done.returncode or not found:
        raise SeveralError(" ".join(done.stderr.split()) or f"{stage} is no stage")
    if found[1] not in PARAMS:
        raise SeveralError(f"{stage} runs {found[1]}: what can be trained several times runs {', '.join(PARAMS)}")
    return found[1], found[2].split()


def job(module: str, arguments: Sequence[str], leaves: Mapping[str, Any]) -> train.Job:
    """Return the training that a module does for a stage, with some leaves of the params set."""
    with params.changed(PARAMS[module], leaves):
        return importlib.import_module(module).job(*arguments)


class Kept:
    """One of the trainings, whose network is kept."""

    def __init__(self, told: Mapping[str, Any], make: Callable[[], train.Job], accuracy: str) -> None:
        """Find out where the network is kept; this imports Keras, which threads cannot do side by side.

        Args:
            told: what its row of the table begins with.
            make: returns the training; its arrays are made anew each time, and not held.
            accuracy: what the accuracy is called in the table.
        """
        self.told, self.make, self.accuracy = told, make, accuracy
        job = make()
        self.recipe = job.recipe
        key, _ = train.identity(job)
        self.network, self.history = (KEPT / job.name / f"{key}{suffix}" for suffix in (".keras", ".csv"))

    def row(self) -> dict[str, Any]:
        """Train, unless that has been done, and return the row of the table."""
        if not (self.network.is_file() and self.history.is_file()):
            if not chosen():
                import keras

                keras.backend.clear_session()  # it numbers the layers of all networks of a process
            train.record(self.make(), (self.network, self.history))
        history = [
            {name: float(value) for name, value in row.items()} for row in files.load_csv(self.history, ["epoch"])
        ]
        kept = train.kept_row(history, self.recipe)
        figures = {self.accuracy: kept["public_accuracy"], "epoch": int(kept["epoch"])}
        return {**self.told, **figures, "network": self.network.as_posix()}


def write(stage: str, kind: str, trainings: Sequence[Kept], measured: str) -> None:
    """Train what has not been trained and write the table to metrics/`kind`/.

    Args:
        stage: as DVC calls it.
        kind: of the trainings: "seeds" or "folds".
        trainings: two or more.
        measured: what the accuracies are measured on.
    """
    pool = ThreadPoolExecutor(room())  # no `with`, which Ctrl-C would have to wait for
    try:
        running = [pool.submit(training.row) for training in trainings]
        for done in as_completed(running):
            done.result()  # an error is told at once; those beside it come to their end, and are kept
        rows = [done.result() for done in running]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    accuracies = [row[training.accuracy] for row, training in zip(rows, trainings, strict=True)]
    mean, sd = round(statistics.mean(accuracies), 6), round(statistics.stdev(accuracies), 6)
    path = paths.METRICS / kind / f"{stage.replace('/dvc.yaml:', '-')}.json"
    files.save_json(path, {"stage": stage, "mean": mean, "sd": sd, kind: rows})
    print(f"{stage}: accuracy on {measured} {mean:.4f} ± {sd:.4f} of {len(rows)} {kind}; {path}")


def run(main: Callable[[str, int], None], kind: str, description: str) -> None:
    """Read the command line, a stage and how many, and run.

    Args:
        main: is called with both.
        kind: "seeds" or "folds".
        description: for --help.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", help="a training, as DVC calls it: train@vgg, crowd/dvc.yaml:train@vgg")
    parser.add_argument(f"--{kind}", dest="count", type=_count, default=5, help="how many (default: 5)")
    arguments = parser.parse_args()
    try:
        stages.run(main, arguments.stage, arguments.count)
    except KeyboardInterrupt:
        sys.stderr.write(f"{kind}: ended; the same command goes on where it was\n")
        sys.stderr.flush()
        os._exit(1)  # there may be threads that wait for a cluster


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"must be 2 or more, for there to be a spread. Received: {text}")
    return int(text)
