"""A stage that two processes train together: the first one writes, and tells MLflow; the other leaves nothing."""

import importlib.util
import subprocess
import sys

import pytest

from pipeline import paths
from pipeline.devices import ADDRESS, PROCESS, PROCESSES
from sample.demo import clean_environment, set_params
from tests.conftest import new_project
from tests.servers import free_port


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs JAX")
def test_two_processes_train_a_stage_and_the_first_writes(tmp_path):
    project = new_project(tmp_path / "project")
    project.run("dvc", "repro", "ingest")
    set_params(project.folder / "params.yaml", {"train.backend": "jax"})
    address = {ADDRESS: f"127.0.0.1:{free_port()}", PROCESSES: "2"}
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "stages.train", "cnn"],
            cwd=project.folder,
            env=clean_environment() | address | {PROCESS: str(one)},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for one in (0, 1)
    ]
    try:
        first, second = (process.communicate(timeout=500)[0] for process in both)
    finally:
        for process in both:
            process.kill()
    assert [process.returncode for process in both] == [0, 0], first + second
    assert "accuracy on PublicTest" in first and "accuracy on PublicTest" not in second
    for path in (paths.model_path("cnn"), paths.history_path("cnn")):
        assert (project.folder / path).exists()
    assert len(list(project.folder.glob("mlruns/**/cnn.keras"))) == 1
    assert not list(project.folder.glob(".checkpoints/cnn/*"))
