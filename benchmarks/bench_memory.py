"""Print the peak memory of every stage on the user's data.

    python -m benchmarks.bench_memory data/fer2013.csv

The pipeline is run stage by stage in a temporary folder, with trainings of one epoch; the peak of a training does not
grow with the epochs.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from dvc.repo import Repo
from networkx import topological_sort

from benchmarks.telling import tell
from sample.demo import clean_environment, prepare


def main(csv: Path) -> None:
    """Run every stage in the order of the graph and print the peak of its memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, {"train.epochs": 1, "data.source": str(csv.resolve())})
        with Repo(str(folder)) as repo:
            order = topological_sort(repo.index.graph.reverse())
            stages = [stage for stage in order if stage.path_in_repo == "dvc.yaml"]
        for stage in stages:
            if stage.cmd:
                tell(f"{stage.name}: {peak(stage.cmd, folder):,.0f} MiB")


def peak(command: str, folder: Path) -> float:
    """Run a command in `folder` and return the most memory that it held at once, in MiB."""
    module = shlex.split(command.removeprefix("sh stages/run "))
    process = subprocess.Popen(
        [sys.executable, "-m", *module], cwd=folder, env=clean_environment(), stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command} failed")
    return usage.ru_maxrss / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("csv", type=Path, help="fer2013.csv")
    main(parser.parse_args().csv)
