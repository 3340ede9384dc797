"""Tracking: one complete MLflow run a training, and a store that fails costs a warning, never the training."""

import os
import subprocess
import sys

import mlflow
import pytest

from pipeline import tracking
from tests.imports import ROOT

RECORD = """
import logging, sys
from pathlib import Path

from pipeline.tracking import record

logging.basicConfig(format="%(name)s %(levelname)s %(message)s")
name, file = sys.argv[1], Path("history.csv")
history = [{"epoch": epoch, "public_accuracy": epoch / 10, "train_loss": 2 / epoch} for epoch in range(1, 601)]
params = {"seed": 42, "train.learning_rate": 0.05}
record(Path("."), name, params, history, {"accuracy": 0.7}, {"sha256 data/faces/labels.npy": "0f"}, [file])
print("went on")
"""


def environment(**variables: str) -> dict[str, str]:
    """This environment without settings of MLflow and DVC."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "DVC_"))}
    return kept | {"PYTHONPATH": os.fspath(ROOT)} | variables


def start(folder, name: str, **variables: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", RECORD, name],
        cwd=folder,
        env=environment(**variables),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def git(folder, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.org", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with one commit, after two trainings that opened its cold store at the same time."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "history.csv").write_text("epoch\n1\n", encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=start")
    trainings = [start(folder, "train@cnn"), start(folder, "train@vgg", DVC_EXP_NAME="lanky-gulf")]
    for training in trainings:
        out, error = training.communicate(timeout=180)
        assert out == "went on\n", error
        assert "pipeline.tracking WARNING" not in error
    return folder


@pytest.fixture(scope="module")
def client(project):
    return mlflow.MlflowClient(tracking_uri=f"sqlite:///{project / 'mlflow.db'}")


@pytest.fixture(scope="module")
def runs(client):
    experiment = client.get_experiment_by_name("fer2013")
    return {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}


def test_two_trainings_that_open_a_cold_store_at_once_are_both_recorded(runs):
    assert {name: run.info.status for name, run in runs.items()} == {"train@cnn": "FINISHED", "train@vgg": "FINISHED"}


def test_parameters_are_recorded_under_their_dotted_names(runs):
    assert runs["train@cnn"].data.params == {"seed": "42", "train.learning_rate": "0.05"}


def test_every_epoch_is_a_step_also_of_more_than_one_batch_of_metrics(runs, client):
    expected = {"public_accuracy": {e: e / 10 for e in range(1, 601)}, "train_loss": {e: 2 / e for e in range(1, 601)}}
    for name, values in expected.items():
        steps = client.get_metric_history(runs["train@cnn"].info.run_id, name)
        assert {metric.step: metric.value for metric in steps} == values


def test_final_figures_are_metrics_and_the_epoch_is_none(runs):
    metrics = runs["train@cnn"].data.metrics
    assert metrics.keys() == {"public_accuracy", "train_loss", "accuracy"}
    assert metrics["accuracy"] == 0.7


def test_tags_tell_the_inputs_the_commit_and_the_experiment(runs, project):
    tags = runs["train@vgg"].data.tags
    assert tags["sha256 data/faces/labels.npy"] == "0f"
    assert tags["git_commit"] == git(project, "rev-parse", "HEAD")
    assert tags["dvc_experiment"] == "lanky-gulf"
    assert "dvc_experiment" not in runs["train@cnn"].data.tags


def test_files_are_kept_in_the_folder_of_the_project(runs, client, project):
    run = runs["train@cnn"].info
    assert [file.path for file in client.list_artifacts(run.run_id)] == ["history.csv"]
    assert (project / "mlruns" / run.run_id / "artifacts" / "history.csv").is_file()


def test_a_dead_server_costs_one_warning_and_seconds(tmp_path):
    (tmp_path / "history.csv").touch()
    training = start(tmp_path, "train@cnn", MLFLOW_TRACKING_URI="http://127.0.0.1:9")
    out, error = training.communicate(timeout=30)
    warnings = [line for line in error.splitlines() if line.startswith("pipeline.tracking WARNING")]
    assert (out, training.returncode) == ("went on\n", 0)
    assert len(warnings) == 1
    assert "train@cnn was not recorded" in warnings[0]
    assert not (tmp_path / "mlflow.db").exists()


def test_a_setting_of_the_user_beats_the_short_waits_of_the_project():
    code = "import os, pipeline.tracking; print(os.environ['MLFLOW_HTTP_REQUEST_TIMEOUT'])"
    for variables, expected in (({}, "10\n"), ({"MLFLOW_HTTP_REQUEST_TIMEOUT": "60"}, "60\n")):
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env=environment(**variables), check=True, capture_output=True, text=True)
        assert done.stdout == expected


def test_a_repository_without_a_commit_names_none(tmp_path, monkeypatch):
    git(tmp_path, "init", "--quiet")
    monkeypatch.chdir(tmp_path)
    assert "git_commit" not in tracking.origin()


def test_a_machine_without_git_names_no_commit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert "git_commit" not in tracking.origin()
