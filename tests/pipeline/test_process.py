"""A stage ends with DVC, one process at a time trains a network, and given-up trainings are swept."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest
from filelock import FileLock

from openfer.training.checkpoints import Checkpoints
from pipeline import process
from pipeline.process import BusyError, alone, sweep
from tests.imports import ROOT

DVC = """
import os, subprocess
subprocess.run([os.environ["SHELL"], "-c", "sh stages/run work"])
"""
"""What DVC does with the command of a stage."""

WORK = """
import os, pathlib, time
from pipeline.process import end_with_parent

end_with_parent()
pathlib.Path("started").write_text(str(os.getpid()))
pathlib.Path("started").rename("pid")
time.sleep(120)
"""
SHELLS = [shell for shell in ("/bin/sh", "/bin/bash", "/bin/zsh", "/usr/bin/fish") if shutil.which(shell)]
DAY = 24 * 3600
linux = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells that another process is gone")


# --- it ends with its parent ---


def stage_of(folder, shell: str, **variables: str) -> tuple[subprocess.Popen, psutil.Process]:
    """Start a stage as DVC does, and return the process in the place of DVC and that of the stage."""
    (folder / "stages").mkdir()
    shutil.copyfile(ROOT / "stages" / "run", folder / "stages" / "run")
    (folder / "work.py").write_text(WORK, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DVC_")}
    environment = kept | {"SHELL": shell, "PYTHONPATH": os.fspath(ROOT)} | variables
    parent = subprocess.Popen([sys.executable, "-c", DVC], cwd=folder, env=environment)
    wait_until((folder / "pid").exists)
    return parent, psutil.Process(int((folder / "pid").read_text(encoding="utf-8")))


def wait_until(true, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)


def gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@linux
@pytest.mark.parametrize("shell", SHELLS)
def test_a_stage_ends_when_dvc_is_killed(tmp_path, shell):
    dvc, stage = stage_of(tmp_path, shell, DVC_STAGE="train@cnn")
    dvc.send_signal(signal.SIGKILL)
    dvc.wait()
    wait_until(lambda: gone(stage), seconds=10)


@linux
def test_a_stage_ends_that_starts_when_dvc_is_gone_already():
    finished = subprocess.Popen([sys.executable, "-c", ""])
    finished.wait()
    code = "from pipeline.process import end_with_parent; end_with_parent(); print('went on')"
    environment = os.environ | {"DVC_STAGE": "train@cnn", "STAGE_STARTER": str(finished.pid)}
    stage = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert (stage.returncode, stage.stdout) == (-signal.SIGKILL, b"")


def test_a_stage_that_is_run_by_hand_outlives_its_terminal(tmp_path):
    shell, stage = stage_of(tmp_path, "/bin/sh")
    shell.send_signal(signal.SIGKILL)
    shell.wait()
    time.sleep(0.3)
    assert not gone(stage)
    stage.kill()


# --- one at a time ---


def test_a_second_process_is_told_in_one_line_who_is_at_work(tmp_path):
    folder = tmp_path / "cnn" / "0f"
    started = time.monotonic()
    with (
        alone(folder, "the training of cnn"),
        pytest.raises(
            BusyError, match=r"^the training of cnn is at work in another process, which holds .*0f\.lock: wait"
        ),
        alone(folder, "the training of cnn", wait=0.2),
    ):
        pass
    assert 0.1 < time.monotonic() - started < 5


def test_the_lock_of_a_killed_process_is_free_again(tmp_path):
    code = """
import os, signal, sys
from pathlib import Path
from pipeline.process import alone
with alone(Path(sys.argv[1]), "it"):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", code, tmp_path / "0f"], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "0f.lock").exists()
    with alone(tmp_path / "0f", "it", wait=0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_those_who_wait_work_one_after_the_other_although_the_lock_is_deleted_each_time(tmp_path):
    inside, most, done = 0, 0, 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most, done
        for _ in range(25):
            with alone(tmp_path / "0f", "it", wait=60):
                with guard:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.001)
                with guard:
                    inside -= 1
                    done += 1

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (most, done) == (1, 100)
    assert list(tmp_path.iterdir()) == []


def test_the_lock_is_deleted_while_it_is_held_or_two_could_hold_locks_of_one_name(tmp_path, monkeypatch):
    there = []

    class Watched(FileLock):
        def release(self, force: bool = False) -> None:
            there.append((tmp_path / "0f.lock").exists())
            super().release(force)

    monkeypatch.setattr(process, "FileLock", Watched)
    with alone(tmp_path / "0f", "it"):
        assert (tmp_path / "0f.lock").exists()
    assert there[0] is False


def test_a_finished_training_leaves_no_file(tmp_path):
    checkpoints = Checkpoints(tmp_path / "cnn" / "0f")
    with alone(checkpoints.folder, "it"):
        checkpoints.save(1, {})
        checkpoints.remove()
    assert list((tmp_path / "cnn").iterdir()) == []


def test_a_training_that_fails_keeps_its_checkpoints_and_frees_the_lock(tmp_path):
    checkpoints = Checkpoints(tmp_path / "cnn" / "0f")
    with pytest.raises(KeyboardInterrupt), alone(checkpoints.folder, "it"):
        checkpoints.save(1, {})
        raise KeyboardInterrupt
    assert [path.name for path in (tmp_path / "cnn").rglob("*")] == ["0f", "epoch-0001.npz"]


# --- given up ---


@pytest.fixture
def trainings(tmp_path):
    """Three trainings of a model: one that goes on, one of 29 and one of 31 days ago."""
    folder = tmp_path / "cnn"
    for name, days in (("now", 0), ("recent", 29), ("old", 31)):
        Checkpoints(folder / name).save(1, {})
        (folder / f"{name}.lock").touch()
        for path in (folder / name / "epoch-0001.npz", folder / name, folder / f"{name}.lock"):
            os.utime(path, times=(time.time() - days * DAY,) * 2)
    return folder


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_checkpoints_that_nobody_touched_for_a_month_are_deleted_and_said_so_in_one_line(trainings, caplog):
    with caplog.at_level(logging.INFO):
        sweep(trainings / "now")
    assert names(trainings) == ["now", "now.lock", "recent", "recent.lock"]
    assert [record.getMessage() for record in caplog.records] == [
        f"deleted old in {trainings}: no checkpoint in 30 days"
    ]


def test_an_old_training_that_is_resumed_just_now_is_kept(trainings):
    sweep(trainings / "old")
    assert "old" in names(trainings)
    with alone(trainings / "old", "it"):
        sweep(trainings / "now")
        assert "old" in names(trainings)


def test_a_folder_with_one_new_file_is_kept(trainings):
    (trainings / "old" / "epoch-0002.npz").touch()
    sweep(trainings / "now")
    assert "old" in names(trainings)


def test_a_lock_that_a_killed_process_left_without_a_checkpoint_goes_too(trainings, caplog):
    lock = trainings / "killed.lock"
    lock.touch()
    sweep(trainings / "now")
    assert lock.exists()
    os.utime(lock, times=(0, 0))
    sweep(trainings / "now")
    assert not lock.exists()


def test_nothing_to_sweep_is_no_error_and_no_line(tmp_path, caplog):
    with caplog.at_level(logging.INFO):
        sweep(tmp_path / "cnn" / "0f")
    assert not caplog.records
