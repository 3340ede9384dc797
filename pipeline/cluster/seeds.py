"""One training with several seeds: how far the accuracy of a network depends on chance.

The networks and histories are kept in .seeds/, under the fingerprints of their trainings, so that no seed is trained
twice; the table goes to metrics/seeds/.
"""

import importlib
import re
import statistics
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from openfer import files
from pipeline import params, paths
from pipeline.cluster import ClusterError, chosen
from pipeline.cluster.repro import dvc
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


def one(module: str, arguments: list[str], seed: int) -> dict[str, Any]:
    """Train with a seed, unless that has been done, and return its row of the table."""
    with params.changed(PARAMS[module], {"train.seed": seed}):
        job = importlib.import_module(module).job(*arguments)
    recipe, name = job["settings"]["train"], job["name"]
    read = params.dotted({**job["settings"], **job.get("also", {})})
    late = train.modules(job["network"], job["training"])
    key, _ = train.identity(name, recipe, read, job["inputs"], late)
    outputs = tuple(KEPT / name / f"{key}{suffix}" for suffix in (".keras", ".csv"))
    if not all(path.is_file() for path in outputs):
        train.train(**job, outputs=outputs)
    history = [{name: float(value) for name, value in row.items()} for row in files.load_csv(outputs[1], ["epoch"])]
    kept = train.kept_row(history, recipe)
    return {
        "seed": seed,
        "public_accuracy": kept["public_accuracy"],
        "epoch": int(kept["epoch"]),
        "network": outputs[0].as_posix(),
    }


def main(stage: str, count: int) -> None:
    """Train with `count` seeds, the first being that of the params, and write the table.

    Args:
        stage: as DVC calls it: "train@vgg", "crowd/dvc.yaml:train@vgg".
        count: of seeds, 2 or more.
    """
    module, arguments = command(stage)
    first = params.load("train", PARAMS[module]).seed
    with ThreadPoolExecutor(count if chosen() else 1) as pool:
        rows = list(pool.map(lambda seed: one(module, arguments, seed), range(first, first + count)))
    accuracies = [row["public_accuracy"] for row in rows]
    table = {
        "stage": stage,
        "mean": round(statistics.mean(accuracies), 6),
        "sd": round(statistics.stdev(accuracies), 6),
        "seeds": rows,
    }
    path = TABLES / f"{stage.replace('/dvc.yaml:', '-')}.json"
    files.save_json(path, table)
    print(f"{stage}: accuracy on PublicTest {table['mean']:.4f} ± {table['sd']:.4f} of {count} seeds; {path}")  # noqa: T201
