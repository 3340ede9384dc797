"""Experiments as the README shows them, on the drawn sample: in the workspace, in a temporary clone, from the queue."""

import json
import subprocess
import sys
import time

import pytest

from sample.demo import clean_environment
from tests.conftest import Project

IGNORED = (
    *("mlflow.db", "mlruns", ".mlflow.lock", ".checkpoints", "__pycache__"),
    *(
        "*.npy",
        "*.keras",
        "/data/faces/emotions.json",
        "samples.png",
        "/metrics/figures",
        "/metrics/private_test/figures",
        "exported/",
        "data/code/",
    ),
)


@pytest.fixture(scope="module")
def repository(finished, tmp_path_factory):
    """A copy of the finished project as a Git repository with everything committed."""
    project = finished.copy(tmp_path_factory.mktemp("repository") / "project")
    (project.folder / ".dvc" / "config.local").unlink()
    (project.folder / ".gitignore").write_text("\n".join(IGNORED), encoding="utf-8")
    git(project, "init", "--quiet", "--initial-branch=main")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=start")
    return project


def git(project, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=project.folder, check=True, text=True, capture_output=True).stdout


def shown(project) -> dict[str, dict]:
    """Experiments by name, as `dvc exp show` has them."""
    rows = json.loads(project.run("dvc", "exp", "show", "--json"))
    (baseline,) = [row for row in rows if row["name"] == "main"]
    return {entry["name"]: entry["revs"][0]["data"] for entry in baseline["experiments"] or []}


def training_count(project) -> int:
    import mlflow

    client = mlflow.MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    runs = client.search_runs([client.get_experiment_by_name("fer2013").experiment_id])
    return sum(run.info.run_name.startswith("train") for run in runs)


@pytest.mark.slow
def test_experiments_run_in_the_workspace_in_a_clone_and_from_the_queue(repository):
    tracked = training_count(repository)
    repository.run("dvc", "exp", "run", "--name", "here", "-S", "networks.vgg.dropout=0.1")
    assert "networks.vgg.dropout" in repository.run("dvc", "params", "diff")
    assert "public_accuracy.all" in repository.run("dvc", "metrics", "diff", "--all")
    assert training_count(repository) == tracked + 3

    repository.run("dvc", "exp", "run", "--temp", "--name", "clone", "-S", "networks.vgg.dropout=0.2", "train@vgg")
    assert training_count(repository) == tracked + 4, (
        "a training in a temporary clone belongs in the project's own store"
    )

    repository.run("dvc", "exp", "run", "--queue", "-S", "networks.vgg.dropout=0.5,0.6", "train@vgg")
    _start_queue(repository)
    _wait_for_queue(repository)
    assert training_count(repository) == tracked + 6

    experiments = shown(repository)
    assert {"here", "clone"} <= experiments.keys()
    rates = {data["params"]["params.yaml"]["data"]["networks"]["vgg"]["dropout"] for data in experiments.values()}
    assert rates == {0.1, 0.2, 0.5, 0.6}
    metrics = [data["metrics"]["metrics/summary.json"]["data"] for data in experiments.values()]
    assert all("all" in figures["public_accuracy"] for figures in metrics)
    assert not (repository.folder / ".checkpoints").exists() or not list(repository.folder.glob(".checkpoints/*/*"))


def test_plots_overlay_the_learning_curves(repository):
    repository.run("dvc", "plots", "show", "--out", "dvc_plots")
    page = (repository.folder / "dvc_plots" / "index.html").read_text(encoding="utf-8")
    assert all(f'"{model}.csv"' in page for model in ("cnn", "cnn-sift", "vgg-dsift"))


def test_fresh_clone_without_data_is_up_to_date(repository, tmp_path):
    subprocess.run(["git", "clone", "--quiet", repository.folder, tmp_path / "clone"], check=True)
    clone = Project(tmp_path / "clone")
    assert not (clone.folder / ".dvc" / "cache").exists()
    assert not (clone.folder / "models").exists()
    assert "up to date" in clone.run("dvc", "repro", "--dry", "--allow-missing")


def _start_queue(project) -> None:
    """Start two workers, without a pipe: they would keep it open, and one that lingers would be waited for."""
    command = [sys.executable, "-m", "dvc", "queue", "start", "-j", "2"]
    silence = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, cwd=project.folder, env=clean_environment(), check=True, **silence)


def _wait_for_queue(project) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        status = project.run("dvc", "queue", "status")
        if "Running" not in status and "Queued" not in status:
            assert "Failed" not in status, status
            return
        time.sleep(3)
    raise AssertionError(status)
