"""Trials side by side: how many begin, what ends those beside one that fails, and what of a trial goes to a host."""

import subprocess
import sys
import threading
import time

import optuna
import pytest

from search import workers
from stages.train import own, work
from tests.imports import ROOT
from tests.training.small import faces, recipe


def test_what_travels_to_a_host_needs_no_optuna_there(tmp_path):
    cloudpickle = pytest.importorskip("ray.cloudpickle", reason="needs requirements-ray.txt")
    job = own("x", "cnn", faces(8), faces(8), {"train": recipe()}, [])
    (tmp_path / "work").write_bytes(cloudpickle.dumps(work(job)))
    code = "import sys; sys.modules['optuna'] = None; from ray import cloudpickle; "
    code += "print(cloudpickle.load(open(sys.argv[1], 'rb')))"
    command = [sys.executable, "-c", code, tmp_path / "work"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert "function work" in done.stdout, done.stderr


class Objective:
    """Stands for `Trials`: the first trial fails once there is a second one, which waits until all are ended."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.ended, self.told, self.second = error, False, [], threading.Event()

    def end(self) -> None:
        self.ended = True

    def __call__(self, trial):
        deadline = time.monotonic() + 10
        if trial.number == 0:
            self.second.wait(10)
        else:
            self.second.set()
        while trial.number and not self.ended and time.monotonic() < deadline:
            time.sleep(0.01)
        self.told.append((trial.number, self.ended))
        raise self.error


def test_an_error_of_one_trial_ends_those_beside_it_and_no_other_begins():
    study, objective = optuna.create_study(), Objective(OSError("no disk"))
    with pytest.raises(OSError, match="no disk"):
        workers.search(study, objective, None, 9, lambda study, trial: None, 2)
    assert sorted(objective.told) == [(0, False), (1, True)]
    assert [trial.state.name for trial in study.trials] == ["FAIL", "FAIL"]


@pytest.mark.parametrize("room", [1, 3])
def test_no_more_trials_are_begun_than_are_wanted(room):
    study = optuna.create_study()
    study.optimize(lambda trial: 1.0, n_trials=1)
    workers.search(study, Fine(), None, 5, lambda study, trial: None, room)
    assert len(study.trials) == 5
    workers.search(study, Fine(), 0.0, 9, lambda study, trial: None, room)
    assert len(study.trials) == 5


class Fine:
    """Stands for `Trials`."""

    ended = False

    def end(self) -> None:
        self.ended = True

    def __call__(self, trial):
        time.sleep(0.02)
        return 1.0
