"""A finished run of the whole pipeline on a small drawn sample, shared by the tests that look at it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from openfer.emotions import SPLITS
from sample.demo import clean_environment, prepare, set_params

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in the background of a shell; what is started inherits it
    signal.signal(signal.SIGINT, signal.default_int_handler)

TINY = {
    "data.source": "sample/fer2013.csv",
    "sift.vocabulary.words": 32,
    "sift.vocabulary.sample": 2000,
    "train.epochs": 1,
    "train.batch_size": 32,
    "train.precision": "float32",
    "networks.cnn.width": 2,
    "networks.cnn.embedding": 8,
    "networks.vgg.width": 2,
    "networks.vgg.embedding": 8,
    "networks.resnet.width": 2,
    "networks.resnet.embedding": 8,
    "fusion.sift.units": 8,
    "fusion.dsift.units": 8,
}
"""Parameters under which the whole pipeline takes a minute or two."""


class Project:
    """A project in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: str, check: bool = True, **environment: str) -> str:
        """Run `python -m …` in the folder and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env=clean_environment() | environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout
        return done.stdout

    def kill_after(self, checkpoint: str, *command: str) -> None:
        """Start `python -m …` in the folder, and end it with SIGKILL as soon as it has written a checkpoint.

        Args:
            checkpoint: a pattern of files in .checkpoints/.
            command: a training that has not come to its end by then.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env=clean_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 240
        while not list(self.folder.glob(f".checkpoints/{checkpoint}")):
            assert process.poll() is None, "the training ended before it could be killed"
            assert time.monotonic() < deadline, "no second epoch in four minutes"
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL

    def lock(self) -> str:
        """Return the text of dvc.lock."""
        return (self.folder / "dvc.lock").read_text(encoding="utf-8")

    def copy(self, folder: Path, *left_out: str) -> "Project":
        """Return a copy that a test may change, with DVC's cache and without what is left out."""
        shutil.copytree(self.folder, folder, symlinks=True, ignore=shutil.ignore_patterns(*left_out))
        return Project(folder)


class NoStore:
    """In place of the process that talks to MLflow, which takes seconds to start."""

    def __init__(self, module: str) -> None:
        pass

    def send(self, message: dict) -> None:
        pass

    def wait(self) -> dict:
        return {"done": True}


def new_project(folder: Path) -> Project:
    """Make a project with the tiny parameters and a small sample to draw; nothing has run yet."""
    prepare(folder, TINY)
    set_params(folder / "sample" / "params.yaml", {f"faces_per_class.{split}": 8 for split in SPLITS})
    return Project(folder)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The pipeline and the report after `dvc repro`; no test changes a file there. All test processes share one."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "finished"
    with FileLock(f"{shared}.lock"):
        project = Project(shared)
        if not (shared / "done").exists():
            shutil.rmtree(shared, ignore_errors=True)
            new_project(shared)
            project.run("dvc", "repro")
            project.run("dvc", "repro", "report/dvc.yaml")
            (shared / "done").touch()
    return project
