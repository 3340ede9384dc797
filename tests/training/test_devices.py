"""One network on several devices of the processor: the same as on one up to rounding, in one process and in two."""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from openfer.training.checkpoints import Checkpoints
from pipeline.devices import ADDRESS, DEVICES, PROCESS, PROCESSES, SILENCE
from sample.demo import clean_environment
from tests.imports import ROOT
from tests.servers import free_port

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs JAX")

LIMIT = 240
"""Seconds that a training of a moment may take, with its start."""

TWO = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}


def start(folder: Path, *words: object, **environment: str) -> subprocess.Popen:
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.training.on_devices", str(folder), *map(str, words)],
        cwd=ROOT, env=clean_environment() | environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(*processes: subprocess.Popen) -> list[tuple[int, str, str]]:
    """Return code, output and the last line of errors of each; none outlives the limit."""
    try:
        said = [process.communicate(timeout=LIMIT) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [
        (process.returncode, out, (err.splitlines() or [""])[-1])
        for process, (out, err) in zip(processes, said, strict=True)
    ]


def trained(folder: Path, *words: object, **environment: str) -> dict:
    ((code, out, error),) = ended(start(folder, *words, **environment))
    assert code == 0, error
    return told(out)


def told(out: str) -> dict:
    """Return what a training tells in its last line; those before are of libraries."""
    return json.loads(out.splitlines()[-1])


def processes(folders: tuple[Path, Path], words: tuple = ((), ())) -> list[tuple[int, str, str]]:
    """Train in two processes, each with a folder and words of its own."""
    address = {ADDRESS: f"127.0.0.1:{free_port()}", PROCESSES: "2"}
    return ended(*(start(folders[one], *words[one], **address, **{PROCESS: str(one)}) for one in (0, 1)))


def wait_for(what: Callable[[], object]) -> None:
    until = time.monotonic() + LIMIT
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


def weights(folder: Path, process: int = 0) -> list[np.ndarray]:
    with np.load(folder / f"{process}.npz") as found:
        return list(found.values())


def require_near(one: list[np.ndarray], other: list[np.ndarray]) -> None:
    for left, right in zip(one, other, strict=True):
        np.testing.assert_allclose(left, right, atol=1e-4)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The folder of a training on one device, and what it told."""
    folder = tmp_path_factory.mktemp("alone")
    return folder, trained(folder, **TWO)


@pytest.mark.slow
def test_two_devices_train_as_one_does(alone, tmp_path):
    folder, single = alone
    assert single["facts"] == {}
    shared = trained(tmp_path, **TWO, **{DEVICES: "2"})
    assert shared["facts"] == {"devices": 2, "processes": 1}
    require_near(weights(tmp_path), weights(folder))
    assert [row["epoch"] for row in shared["history"]] == [1, 2]


@pytest.mark.slow
def test_two_processes_train_as_one_does_and_the_first_alone_keeps_checkpoints(alone, tmp_path):
    folders = tmp_path / "first", tmp_path / "second"
    done = processes(folders)
    assert [code for code, _, _ in done] == [0, 0], done
    first, second = (told(out) for _, out, _ in done)
    assert first == second and first["facts"] == {"devices": 2, "processes": 2}
    for one, other in zip(weights(folders[0]), weights(folders[1], 1), strict=True):
        np.testing.assert_array_equal(one, other)
    require_near(weights(folders[0]), weights(alone[0]))
    assert len(list(folders[0].glob("checkpoints/epoch-*"))) == 2 and not (folders[1] / "checkpoints").exists()


@pytest.mark.slow
def test_processes_that_see_other_checkpoints_or_params_are_told(alone, tmp_path):
    both = alone[0], tmp_path
    for code, _, error in processes(both):  # the first has finished, the second has nothing
        assert code == 1
        assert "differ in the checkpoints that they see: start all with the same, in one checkout" in error
    for code, _, error in processes((tmp_path / "a", tmp_path / "b"), ((16,), (24,))):
        assert (code, "differ in params or data" in error) == (1, True)


@pytest.mark.slow
def test_a_batch_that_devices_cannot_share_and_devices_that_are_not_there_are_a_line(tmp_path):
    ((code, _, error),) = ended(start(tmp_path, 15, **TWO, **{DEVICES: "all"}))
    assert (code, error) == (1, "2 devices cannot share a batch of 15 faces: make train.batch_size a multiple")
    ((code, _, error),) = ended(start(tmp_path, **TWO, **{DEVICES: "3"}))
    assert (code, error) == (1, "OPENFER_DEVICES is 3, but JAX has 2 here (cpu): set it to that, or to all")


@pytest.mark.slow
def test_a_process_that_waits_for_others_ends_with_sigterm(tmp_path):
    waiting = start(tmp_path, **{ADDRESS: f"127.0.0.1:{(port := free_port())}", PROCESSES: "2", PROCESS: "0"})
    wait_for(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
    waiting.terminate()
    ((code, _, _),) = ended(waiting)
    assert code == -signal.SIGTERM


@pytest.mark.slow
def test_a_process_whose_partner_dies_ends_and_leaves_a_checkpoint(tmp_path):
    address = {ADDRESS: f"127.0.0.1:{free_port()}", PROCESSES: "2"}
    first, second = (start(tmp_path, 16, 10_000, **address, **{PROCESS: str(one)}) for one in (0, 1))
    try:
        wait_for(lambda: list(tmp_path.glob("checkpoints/epoch-*")))
        second.kill()
        started = time.monotonic()
        ((code, out, _),) = ended(first)
    finally:
        second.kill()
        second.communicate()
    assert code != 0 and "facts" not in out
    assert time.monotonic() - started < SILENCE + 30
    assert Checkpoints(tmp_path / "checkpoints").latest() is not None


def test_the_environment_of_these_tests_asks_for_nothing():
    assert not {DEVICES, ADDRESS} & os.environ.keys()
