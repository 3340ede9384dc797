"""A cluster of Ray on this machine, and a project with drawn faces of which one network is trained without it."""

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import paths
from pipeline.cluster import threads
from sample.demo import clean_environment, set_params
from tests.conftest import Project, new_project

EPOCHS = 8
SETTINGS = {"train.epochs": EPOCHS, "train.batch_size": 4}
TRAINING = ("stages.train", "cnn")
OUTPUTS = (paths.model_path("cnn"), paths.history_path("cnn"))

HEALTH = {
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "3",
}
"""As docs/cluster.md has it."""


class Hosts:
    """A head without processors, on which drivers run, and nodes that have those of one training each."""

    def __init__(self, token: Path) -> None:
        self.environment = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.pipeline.cluster.hosts", str(threads())],
            env=clean_environment() | self.environment | HEALTH | {"RAY_USAGE_STATS_ENABLED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.environment["RAY_ADDRESS"] = self._answer()

    def add(self) -> None:
        """Start a node."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self._answer()

    def end(self) -> None:
        """End all nodes."""
        self.process.communicate(timeout=60)

    def _answer(self) -> str:
        line = self.process.stdout.readline().strip()
        assert line, "the cluster has ended"
        return line

    def at_work(self) -> dict[int, int]:
        """Return the processes that train: number → number of the node's process."""
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if (path / "cmdline").read_bytes().startswith(b"ray::Trainer.train"):
                    found[int(path.name)] = int((path / "stat").read_text().rpartition(") ")[2].split()[1])
            except OSError:  # has just ended
                continue
        return found

    def kill_process(self) -> None:
        """Kill the one process that trains."""
        (process,) = self.at_work()
        os.kill(process, signal.SIGKILL)

    def kill_host(self) -> None:
        """Kill the node on which the one training runs, with that."""
        ((process, node),) = self.at_work().items()
        for one in (node, process):
            os.kill(one, signal.SIGKILL)


@pytest.fixture(scope="session")
def hosts(tmp_path_factory):
    """A cluster of two nodes."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("needs requirements-ray.txt")
    token = tmp_path_factory.mktemp("ray") / "token"
    token.write_text("of-the-tests-" * 4)
    found = Hosts(token)
    found.add()
    found.add()
    yield found
    found.end()


@pytest.fixture(scope="session")
def local(tmp_path_factory) -> Project:
    """A project in which `train@cnn` has run without a cluster; no test changes it."""
    project = new_project(tmp_path_factory.mktemp("local") / "project")
    set_params(project.folder / "params.yaml", SETTINGS)
    project.run("dvc", "repro", "train@cnn")
    return project


@pytest.fixture
def project(local, tmp_path) -> Project:
    """A copy that knows nothing of the training."""
    copy = local.copy(tmp_path / "project", "mlflow.db", "mlruns", "models", "histories")
    for folder in (".dvc/cache", ".dvc/tmp"):
        subprocess.run(["rm", "-rf", copy.folder / folder], check=True)
    return copy


def start(project: Project, *command: str, **environment: str) -> subprocess.Popen:
    """Start `python -m …`; what it prints goes to the file `said` in the project."""
    with (project.folder / "said").open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=project.folder,
            env=clean_environment() | environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )


def said(project: Project) -> str:
    """Return what was printed."""
    return (project.folder / "said").read_text(encoding="utf-8")


def epochs_home(project: Project) -> int:
    """Return after which epoch the newest checkpoint of the CNN here is; 0 without one."""
    names = [path.stem for path in project.folder.glob(".checkpoints/cnn/*/epoch-*.npz")]
    return max((int(name.removeprefix("epoch-")) for name in names), default=0)


def outputs(project: Project) -> list[bytes]:
    """Return the network and the history of the CNN."""
    return [(project.folder / path).read_bytes() for path in OUTPUTS]
