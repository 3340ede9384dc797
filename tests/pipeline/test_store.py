"""The store: made whole or not at all, and open to a server of the user's."""

import os
import subprocess
import sys

import mlflow
import pytest
from filelock import FileLock, Timeout

from pipeline import store


def alive() -> None:
    """Nobody waits for a sign of life here."""


def git(folder, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.org", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose store was begun and left by a process that was killed."""
    folder = tmp_path_factory.mktemp("project")
    for name in (".mlflow.db.new", ".mlflow.db.new-journal"):
        (folder / name).write_bytes(b"half a store")
    yield folder


def test_a_store_that_was_left_half_made_is_made_anew(project):
    client, experiment = store.open_store(project, alive)
    assert client.get_experiment(experiment).name == "fer2013"
    assert client.get_experiment(experiment).artifact_location == (project / "mlruns").as_uri()
    assert sorted(path.name for path in project.iterdir()) == [".mlflow.lock", "mlflow.db"]


def test_a_store_that_exists_is_opened_whoever_holds_the_lock(project):
    with FileLock(project / ".mlflow.lock"):
        store.open_store(project, alive)


def test_what_is_opened_is_nobody_elses_store(project):
    """MLflow's own way to name a store leaves it in the environment, where a second project would find it."""
    before = dict(os.environ), mlflow.get_tracking_uri()
    store.open_store(project, alive)
    assert (dict(os.environ), mlflow.get_tracking_uri()) == before


def test_the_user_names_the_experiment(project, monkeypatch):
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "mine")
    client, experiment = store.open_store(project, alive)
    assert client.get_experiment(experiment).name == "mine"


def test_a_lock_that_is_held_for_ever_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "LOCK_SECONDS", 0.2)
    with FileLock(tmp_path / ".mlflow.lock"), pytest.raises(Timeout, match=r"mlflow\.lock"):
        store.open_store(tmp_path, alive)
    assert not (tmp_path / "mlflow.db").exists()


def test_a_store_in_the_making_has_not_its_name_yet(tmp_path, monkeypatch):
    monkeypatch.setattr(mlflow, "MlflowClient", lambda uri: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.create(tmp_path / "mlflow.db", alive)
    assert not (tmp_path / "mlflow.db").exists()


def test_the_origin_is_the_commit_the_experiment_and_the_user(tmp_path, monkeypatch):
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message=start")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_EXP_NAME", "lanky-gulf")
    monkeypatch.setenv("LOGNAME", "somebody")
    expected = {"dvc_experiment": "lanky-gulf", "git_commit": git(tmp_path, "rev-parse", "HEAD")}
    assert store.origin() == expected | {"mlflow.user": "somebody"}


def test_a_repository_without_a_commit_names_none(tmp_path, monkeypatch):
    git(tmp_path, "init", "--quiet")
    monkeypatch.chdir(tmp_path)
    assert "git_commit" not in store.origin()


def test_a_machine_without_git_names_no_commit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert "git_commit" not in store.origin()


def test_a_training_imports_no_mlflow():
    code = "import sys, pipeline.tracking, pipeline.registry; assert 'mlflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
