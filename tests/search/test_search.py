"""Searches on the drawn sample: trials, their runs, the experiment, kill -9, several workers, a dead server."""

import os
import re
import signal
import subprocess
import sys
import time

import mlflow
import numpy as np
import optuna
import pytest
from PIL import Image

from baselines.networks.build import build
from openfer import files
from openfer.emotions import PUBLIC_TEST, TRAINING
from pipeline import paths
from search.space import read_space
from search.trial import Trials
from tests.conftest import Project
from tests.imports import ROOT
from tests.search.conftest import QUICK_TO_GIVE_UP, TINY, held, search, start, write

COLUMNS = ["trial", "state", "public_accuracy", "epochs", "train.learning_rate", "networks.cnn.dropout"]


def table(project: Project, study: str = "tiny") -> list[dict[str, str]]:
    return files.load_csv(project.folder / ".search" / study / "trials.csv", COLUMNS)


def runs(project: Project) -> list:
    client = mlflow.MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    return client.search_runs([client.get_experiment_by_name("fer2013").experiment_id], order_by=["start_time ASC"])


def git(project: Project, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=project.folder, check=True, text=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def searched(drawn, tmp_path_factory):
    """A Git repository after three trials, and what was printed."""
    project = drawn.copy(tmp_path_factory.mktemp("searched") / "project")
    write(project.folder / "tiny.yaml", TINY)
    (project.folder / ".dvc" / "config.local").unlink()
    ignored = ("mlflow.db", "mlruns", ".mlflow.lock", ".search", "__pycache__", "*.npy", "samples.png", "/data/code")
    (project.folder / ".gitignore").write_text("\n".join(ignored), encoding="utf-8")
    git(project, "init", "--quiet", "--initial-branch=main")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=start")
    return project, search(project, "--trials", "3")


@pytest.mark.slow
def test_every_trial_is_a_line_and_a_row_and_the_pictures_are_drawn(searched):
    project, printed = searched
    rows = table(project)
    assert [row["trial"] for row in rows] == ["0", "1", "2"]
    assert {row["state"] for row in rows} <= {"complete", "pruned"}
    assert len({row["train.learning_rate"] for row in rows}) == 3
    assert all(0.001 <= float(row["train.learning_rate"]) <= 0.3 for row in rows)
    for number in range(3):
        assert f"trial {number} " in printed
    assert "3 done, 0 min left" in printed
    best = max((row for row in rows if row["state"] == "complete"), key=lambda row: float(row["public_accuracy"]))
    assert f"best on PublicTest: {float(best['public_accuracy']):.4f}" in printed
    for name in ("history.png", "epochs.png"):
        with Image.open(project.folder / ".search" / "tiny" / name) as picture:
            assert np.ptp(np.asarray(picture.convert("L"))) > 100


@pytest.mark.slow
def test_every_trial_is_a_child_of_the_run_of_the_search(searched):
    project, _ = searched
    found = {run.info.run_name: run for run in runs(project)}
    assert found.keys() == {"search tiny", *(f"tiny trial {number}" for number in range(3))}
    parent = found.pop("search tiny")
    assert parent.data.params["train.epochs"] == "2"
    assert parent.info.status == "FINISHED"
    for row in table(project):
        run = found[f"tiny trial {row['trial']}"]
        assert run.data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert run.info.status == {"complete": "FINISHED", "pruned": "KILLED"}[row["state"]]
        assert run.data.params["train.learning_rate"] == row["train.learning_rate"]
        assert run.data.metrics["public_accuracy"] == pytest.approx(float(row["public_accuracy"]), abs=1e-6)


@pytest.mark.slow
def test_the_same_command_goes_on_and_does_nothing_where_all_is_done(searched):
    project, _ = searched
    before = table(project)
    assert "trial 3" not in search(project, "--trials", "3")
    assert table(project) == before
    assert project.run("dvc", "queue", "status").count("Queued") == 1  # the best params, once
    assert [run.info.run_name for run in runs(project)].count("search tiny") == 1


@pytest.mark.slow
def test_the_best_params_are_an_experiment_that_dvc_applies(searched):
    project, printed = searched
    best = max(
        (row for row in table(project) if row["state"] == "complete"), key=lambda row: float(row["public_accuracy"])
    )
    name = f"tiny-{best['trial']}"
    assert f"`dvc exp apply {name}`" in printed
    assert git(project, "status", "--porcelain") == ""
    printed = project.run("dvc", "exp", "apply", name, check=False)
    # DVC applies, and then misses the outputs of whatever has never run here.
    assert "ERROR: Checkout failed" in printed
    assert (project.folder / paths.IMAGES).exists()
    changed = project.run("dvc", "params", "diff")
    (rate,) = re.findall(r"train\.learning_rate +\S+ +(\S+)", changed)
    assert float(rate) == pytest.approx(float(best["train.learning_rate"]), rel=1e-3)
    assert "networks.cnn.dropout" in changed
    assert "train.epochs" not in changed  # which is the search's own
    git(project, "checkout", "--quiet", ".")


def test_where_optuna_is_missing_one_line_says_how_to_get_it():
    code = "import runpy, sys; sys.modules['optuna'] = None; runpy.run_module('search', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "pip install -r requirements-search.txt" in done.stderr


@pytest.mark.slow
def test_a_study_of_other_params_is_one_line(searched, tmp_path):
    project = searched[0].copy(tmp_path / "project")
    write(project.folder / "tiny.yaml", TINY | {"set": {"train.epochs": 3}})
    process = start(project, "--trials", "5")
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    line = printed.strip().splitlines()[-1]
    assert line.startswith("search: .search/tiny holds a study of other space and params")
    assert "Traceback" not in printed


@pytest.mark.slow
def test_the_trial_of_a_killed_worker_is_begun_anew_and_what_is_done_is_kept(project):
    process = start(project, "--trials", "9")
    _wait_for_the_values_of_a_second_trial(project, process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert held(project, "SELECT state FROM trials ORDER BY number") == [("COMPLETE",), ("RUNNING",)]
    time.sleep(2.5)

    printed = search(project, "--trials", "2", before=QUICK_TO_GIVE_UP)
    assert "trial 1 has lost its worker" in printed
    rows = table(project)
    assert [row["state"] for row in rows] == ["complete", "fail", "complete"]
    assert len({rows[1][name] for name in COLUMNS[-2:]} | {rows[2][name] for name in COLUMNS[-2:]}) == 2
    status = {run.info.run_name: run.info.status for run in runs(project)}
    assert status["tiny trial 0"] == status["tiny trial 2"] == "FINISHED"
    assert status["tiny trial 1"] == "FAILED"


@pytest.mark.slow
def test_two_workers_share_a_study_and_its_run(project):
    workers = [start(project, "--trials", "3") for _ in range(2)]
    printed = [worker.communicate(timeout=300)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], printed
    rows = table(project)
    assert len(rows) in (3, 4)  # the other may have begun one when the third was done
    assert len({row["train.learning_rate"] for row in rows}) == len(rows)
    assert all("trial " in text for text in printed)
    assert sum(run.info.run_name.startswith("search") for run in runs(project)) == 1


@pytest.mark.slow
def test_a_dead_server_stops_nothing(project):
    printed = search(project, "--trials", "1", MLFLOW_TRACKING_URI="http://127.0.0.1:9")
    assert "MLflow: tiny trial 0 was not recorded" in printed
    assert [row["state"] for row in table(project)] == ["complete"]


@pytest.fixture
def trials(project, monkeypatch):
    monkeypatch.chdir(project.folder)
    return Trials("tiny", read_space(project.folder / "tiny.yaml"))


def test_a_trial_sees_training_and_public_test_alone(trials):
    images, split = (
        files.load_array(path, "uint8", shape)
        for path, shape in ((paths.IMAGES, (None, 48, 48)), (paths.SPLIT, (None,)))
    )
    job = trials.job({"train.learning_rate": 0.123})
    assert np.array_equal(job.training.images, images[split == TRAINING])
    assert np.array_equal(job.public.images, images[split == PUBLIC_TEST])
    assert job.recipe.learning_rate == job.read["train.learning_rate"] == 0.123
    assert job.recipe.epochs == 2


def test_the_published_search_trains_model_b_with_the_rate_and_the_dropout_of_the_trial(project, monkeypatch):
    monkeypatch.chdir(project.folder)
    space, dropouts = read_space(ROOT / "search/published.yaml"), []
    quick = {"model_b.epochs": 1, "model_b.batch_size": 32, "train.width": 0.02, "train.precision": "float32"}
    trials = Trials("published", space.model_copy(update={"set": quick}))
    monkeypatch.setattr("baselines.training.build", lambda *told: dropouts.append(told[-1].dropout) or build(*told))
    study = optuna.create_study(direction="maximize")
    study.enqueue_trial({"model_b.dropout": 0.25, "model_b.learning_rate": 0.001})
    study.optimize(trials, n_trials=1)
    assert dropouts == [0.25]
    assert study.best_trial.params.keys() == space.space.keys()
    run = next(run for run in runs(project) if run.info.run_name == "published trial 0")
    assert float(run.data.params["model_b.learning_rate"]) == 0.001


def test_a_training_that_diverges_is_ended_and_says_why(trials, monkeypatch):
    study = optuna.create_study(direction="maximize")
    study.enqueue_trial({"train.learning_rate": 0.1, "networks.cnn.dropout": 0.1})
    job = trials.job

    def hot(values):
        return job({**values, "train.learning_rate": 1e30})

    monkeypatch.setattr(trials, "job", hot)
    study.optimize(trials, n_trials=1)
    assert study.trials[0].state.name == "PRUNED"
    assert "the loss is" in study.trials[0].user_attrs["diverged"]


def _wait_for_the_values_of_a_second_trial(project: Project, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 240
    while len(held(project, "SELECT * FROM trial_params")) < 2 * len(TINY["space"]):
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline, "no second trial in four minutes"
        time.sleep(0.05)
