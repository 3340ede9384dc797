"""One training with several seeds: how far the accuracy of a network depends on chance.

    python -m search.seeds train@vgg --seeds 5

The networks and histories are kept in .seeds/, under the fingerprints of their trainings, so that no seed is trained
twice; the table goes to metrics/seeds/.
"""

import argparse
import importlib
import os
import re
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import stages
from openfer import files
from pipeline import params, paths
from pipeline.cluster import ClusterError, chosen
from pipeline.cluster.repro import dvc, room
from stages import train

KEPT = Path(".seeds")
TABLES = paths.METRICS / "seeds"

PARAMS = {"stages.train": params.PARAMS, "crowd.train": params.CROWD, "transfer.train": params.TRANSFER}
"""Modules that train for a stage and have a `job`, and the file that holds their `train.seed`."""


class SeedsError(ClusterError):
    """A stage cannot be trained with several seeds."""


def command(stage: str) -> tuple[str, list[str]]:
    """Return the module that a stage of DVC runs, and its arguments.

    Raises:
        SeedsError: there is no such stage, or it is no training whose seed can be set.
    """
    done = subprocess.run(dvc("repro", "--dry", "--force", "-s", stage), capture_output=True, text=True, check=False)
    found = re.search(r"^> sh stages/run (\S+) ?(.*)$", done.stdout, re.MULTILINE)
    if done.returncode or not found:
        raise SeedsError(" ".join(done.stderr.split()) or f"{stage} is no stage")
    if found[1] not in PARAMS:
        raise SeedsError(f"{stage} runs {found[1]}: seeds can be set of a training by {', '.join(PARAMS)}")
    return found[1], found[2].split()


class Seed:
    """A stage with one seed."""

    def __init__(self, module: str, arguments: list[str], seed: int) -> None:
        """Find out where its network is kept; this imports Keras, which threads cannot do side by side."""
        self.module, self.arguments, self.seed = module, arguments, seed
        job = self.job()
        self.recipe = job["settings"]["train"]
        read = params.dotted({**job["settings"], **job.get("also", {})})
        late = train.modules(job["network"], job["training"])
        key, _ = train.identity(job["name"], self.recipe, read, job["inputs"], late)
        self.network, self.history = (KEPT / job["name"] / f"{key}{suffix}" for suffix in (".keras", ".csv"))

    def job(self) -> dict[str, Any]:
        """Return what `stages.train.train` is told; its arrays are read anew each time, and not kept."""
        with params.changed(PARAMS[self.module], {"train.seed": self.seed}):
            return importlib.import_module(self.module).job(*self.arguments)

    def row(self) -> dict[str, Any]:
        """Train, unless that has been done, and return the row of the table."""
        if not (self.network.is_file() and self.history.is_file()):
            if not chosen():
                import keras

                keras.backend.clear_session()  # it numbers the layers of all networks of a process
            train.train(**self.job(), outputs=(self.network, self.history))
        history = [
            {name: float(value) for name, value in row.items()} for row in files.load_csv(self.history, ["epoch"])
        ]
        kept = train.kept_row(history, self.recipe)
        accuracy, epoch = kept["public_accuracy"], int(kept["epoch"])
        return {"seed": self.seed, "public_accuracy": accuracy, "epoch": epoch, "network": self.network.as_posix()}


def main(stage: str, count: int) -> None:
    """Train with `count` seeds, the first being that of the params, and write the table.

    Args:
        stage: as DVC calls it: "train@vgg", "crowd/dvc.yaml:train@vgg".
        count: of seeds, 2 or more.
    """
    module, arguments = command(stage)
    first = params.load("train", PARAMS[module]).seed
    seeds = [Seed(module, arguments, seed) for seed in range(first, first + count)]
    pool = ThreadPoolExecutor(room())  # no `with`, which Ctrl-C would have to wait for
    try:
        rows = list(pool.map(Seed.row, seeds))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    accuracies = [row["public_accuracy"] for row in rows]
    table = {
        "stage": stage,
        "mean": round(statistics.mean(accuracies), 6),
        "sd": round(statistics.stdev(accuracies), 6),
        "seeds": rows,
    }
    path = TABLES / f"{stage.replace('/dvc.yaml:', '-')}.json"
    files.save_json(path, table)
    print(f"{stage}: accuracy on PublicTest {table['mean']:.4f} ± {table['sd']:.4f} of {count} seeds; {path}")


def run() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", help="a training, as DVC calls it: train@vgg, crowd/dvc.yaml:train@vgg")
    parser.add_argument("--seeds", type=_several, default=5, help="how many (default: 5)")
    arguments = parser.parse_args()
    try:
        stages.run(main, arguments.stage, arguments.seeds)
    except KeyboardInterrupt:
        sys.stderr.write("seeds: ended; the same command goes on where it was\n")
        sys.stderr.flush()
        os._exit(1)  # there may be threads that wait for a cluster


def _several(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"must be 2 or more, for there to be a spread. Received: {text}")
    return int(text)


if __name__ == "__main__":
    run()
