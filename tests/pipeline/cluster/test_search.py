"""Trials of a search: the same accuracies there as here; pruned, interrupted and killed ones end there, too."""

import signal
import time

import pytest

from openfer import files
from tests.conftest import Project
from tests.search.conftest import TINY, held, search, start, write

pytestmark = pytest.mark.ray

COLUMNS = ["trial", "state", "public_accuracy", "epochs", "parameters", "train.learning_rate", "networks.cnn.dropout"]
LONG = TINY | {"set": TINY["set"] | {"train.epochs": 3000}}
HOPELESS = "import optuna; optuna.Trial.should_prune = lambda trial: True; "
GIVE_UP_AFTER_10_S = "import search.study; search.study.HEARTBEAT, search.study.GRACE = 1, 10; "


def table(project: Project, study: str = "tiny") -> list[list[str]]:
    rows = files.load_csv(project.folder / ".search" / study / "trials.csv", COLUMNS)
    return [[row[name] for name in COLUMNS] for row in rows]


def test_trials_there_have_the_accuracies_of_trials_here_and_run_side_by_side(hosts, project):
    write(project.folder / "tiny.yaml", TINY)
    search(project, "--trials", "2", "--study", "here")
    process = start(project, "--trials", "2", **hosts.environment)
    most = 0
    while process.poll() is None:
        most = max(most, len(hosts.at_work()))
        time.sleep(0.05)
    assert process.returncode == 0, process.stdout.read()
    assert most == 2
    assert table(project) == table(project, "here")
    assert len({row[2] for row in table(project)} | {row[5] for row in table(project)}) > 2


def test_a_hopeless_trial_is_ended_there(hosts, project, until):
    write(project.folder / "tiny.yaml", LONG)
    search(project, "--trials", "2", before=HOPELESS, **hosts.environment)
    assert [row[1] for row in table(project)] == ["pruned", "pruned"]
    assert [row[3] for row in table(project)] == ["1", "1"]
    until(lambda: not hosts.at_work(), 30)


def test_ctrl_c_and_kill_9_end_what_runs_there_and_leave_a_study_that_goes_on(hosts, project, until):
    for end, code, state in ((signal.SIGINT, 130, "FAIL"), (signal.SIGKILL, -9, "RUNNING")):
        write(project.folder / "tiny.yaml", LONG)
        study = state.lower()
        quiet = {"TQDM_DISABLE": "1"}  # nobody reads bars here until the end, and a full pipe would stop the search
        process = start(project, "--study", study, **hosts.environment, **quiet)
        until(lambda: held(project, "SELECT * FROM trial_intermediate_values", study), 240)  # noqa: B023
        process.send_signal(end)
        printed, _ = process.communicate(timeout=60)
        assert process.returncode == code, printed
        until(lambda: not hosts.at_work(), 30)
        begun = held(project, "SELECT state FROM trials", study)  # one, where the other thread is slow
        assert set(begun) == {(state,)}
    time.sleep(11)
    options = {"before": GIVE_UP_AFTER_10_S + HOPELESS, **hosts.environment}
    printed = search(project, "--study", study, "--trials", "2", **options)
    assert printed.count("has lost its worker") == len(begun)
    states = [row[1] for row in table(project, study)]
    assert (states.count("fail"), states.count("pruned")) == (len(begun), 2)
    assert states.count("waiting") <= 2  # a thread may draw a new one before another has given up the dead ones
