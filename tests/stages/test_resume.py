"""A training that is killed with SIGKILL ends, when it is run again, as one that was not."""

import mlflow
import pytest

from pipeline import paths
from sample.demo import set_params
from tests.conftest import Project

EPOCHS = 6
TRAINING = ("stages.train", "cnn", "sift")
MODEL = "cnn-sift"
OUTPUTS = (paths.model_path(MODEL), paths.history_path(MODEL))


def copy_of(finished: Project, folder) -> Project:
    """A project of its own in which `EPOCHS` epochs of the training are to run, and its outputs are gone."""
    project = finished.copy(folder, "mlflow.db", "mlruns", ".dvc", "exported")
    set_params(folder / "params.yaml", {"train.epochs": EPOCHS, "train.batch_size": 4})
    for path in OUTPUTS:
        (folder / path).unlink()
    return project


def outputs(project: Project) -> list[bytes]:
    return [(project.folder / path).read_bytes() for path in OUTPUTS]


@pytest.fixture(scope="module")
def whole(finished, tmp_path_factory):
    project = copy_of(finished, tmp_path_factory.mktemp("whole") / "project")
    project.run(*TRAINING)
    return project


@pytest.fixture(scope="module")
def killed(finished, tmp_path_factory):
    """The project after a SIGKILL in the middle of the training, and what running it again printed."""
    project = copy_of(finished, tmp_path_factory.mktemp("killed") / "project")
    project.kill_after(f"{MODEL}/*/epoch-0002.npz", *TRAINING)
    assert not any((project.folder / path).exists() for path in OUTPUTS)
    return project, project.run(*TRAINING)


def test_a_killed_training_goes_on_where_it_was(killed):
    _, printed = killed
    assert "resuming after epoch" in printed


def test_a_killed_training_ends_with_the_same_bytes(whole, killed):
    assert outputs(killed[0]) == outputs(whole)


def test_a_killed_training_is_one_tracked_run_with_every_epoch_once(killed):
    project, _ = killed
    client = mlflow.MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    (experiment,) = [found for found in client.search_experiments() if found.name == "fer2013"]
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    steps = [metric.step for metric in client.get_metric_history(run.info.run_id, "public_accuracy")]
    assert sorted(steps) == list(range(1, EPOCHS + 1))


def test_a_finished_training_leaves_no_checkpoint(killed):
    assert not list(killed[0].folder.glob(f".checkpoints/{MODEL}/*"))
