"""Seconds that a stage's training costs more on a cluster than here: one epoch of a tiny CNN, in pairs; prints each.

    python -m benchmarks.bench_cluster [--pairs 5]

The cluster is one of this machine with one host, so that both sides share its processors: what a host of its own does
meanwhile, such as to import Keras, takes its time here twice.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.telling import tell
from pipeline import paths
from tests.conftest import Project, new_project
from tests.pipeline.cluster.conftest import Hosts

STAGE = ("stages.train", "cnn")


def main(pairs: int) -> None:
    """Measure in turns, after a pair that does not count."""
    with tempfile.TemporaryDirectory() as name:
        project, token = new_project(Path(name, "project")), Path(name, "token")
        project.run("dvc", "repro", "ingest")
        token.write_text("of-the-benchmark-" * 4)
        hosts = Hosts(token)
        try:
            hosts.add()
            differences = [_difference(project, hosts.environment) for _ in range(pairs + 1)][1:]
        finally:
            hosts.end()
    tell(f"a training on the cluster takes {statistics.median(differences):.1f} s more, the median of {pairs} pairs")


def _difference(project: Project, cluster: dict[str, str]) -> float:
    here, network = _seconds(project, {})
    there, same = _seconds(project, cluster)
    if network != same:
        sys.exit("the network of the cluster is another")
    tell(f"here {here:.1f} s, on the cluster {there:.1f} s: {there - here:+.1f} s")
    return there - here


def _seconds(project: Project, environment: dict[str, str]) -> tuple[float, bytes]:
    """Train; return how long that took, and the network."""
    start = time.perf_counter()
    project.run(*STAGE, **environment)
    return time.perf_counter() - start, (project.folder / paths.model_path("cnn")).read_bytes()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=5, help="of trainings (%(default)s)")
    main(parser.parse_args().pairs)
