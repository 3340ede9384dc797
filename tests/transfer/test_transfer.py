"""The pipeline that goes on with a trained network: DVC sees its file, and what comes out predicts."""

import contextlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from dvc.repo import Repo

from openfer import files
from openfer.emotions import PRIVATE_TEST
from openfer.export.model_folder import ExportedModel
from openfer.networks.storage import load_network, save_network
from pipeline import paths
from sample.demo import set_params
from tests.conftest import TINY, Project
from transfer import MODEL

START = Path("data/start.keras")
PARAMS = Path("transfer/params.yaml")
TINY_TRANSFER = {key: value for key, value in TINY.items() if key.startswith("train.")} | {
    "train.epochs": 2,
    "train.batch_size": 4,
}


def projected(finished: Project, folder: Path, **changes: object) -> Project:
    """A copy in which the VGG is the start."""
    project = finished.copy(folder, "mlflow.db", "mlruns")
    shutil.copyfile(folder / paths.model_path("vgg"), folder / START)
    set_params(folder / PARAMS, TINY_TRANSFER | changes)
    return project


def write_another_start(project: Project) -> None:
    """Put another network of the same name in the place of the start."""
    network = load_network(project.folder / START)
    network.set_weights([values * 1.01 for values in network.get_weights()])
    save_network(project.folder / START, network)


@pytest.fixture(scope="module")
def transferred(finished, tmp_path_factory):
    project = projected(finished, tmp_path_factory.mktemp("transfer") / "project")
    project.run("dvc", "repro", "transfer/dvc.yaml")
    return project


def test_a_second_run_does_nothing_and_the_main_pipeline_is_not_affected(transferred, finished):
    assert "Data and pipelines are up to date" in transferred.run("dvc", "status", "transfer/dvc.yaml")
    assert transferred.lock() == finished.lock()


def test_the_frozen_trunk_is_that_of_the_start_and_the_classification_is_not(transferred):
    start, end = (load_network(transferred.folder / path) for path in (START, paths.model_path(MODEL)))
    same = [(one == other).all() for one, other in zip(start.get_weights(), end.get_weights(), strict=True)]
    assert same == [True] * (len(same) - 2) + [False] * 2


def test_the_exported_network_names_its_labels_and_predicts(transferred):
    exported = ExportedModel.load(transferred.folder / paths.TRANSFER_EXPORTED)
    assert exported.facts["labels"] == "own"
    faces = files.load_array(transferred.folder / paths.IMAGES, "uint8", (None, 48, 48))[:3]
    assert exported.predict(faces).sum(axis=1) == pytest.approx(1)


def test_the_report_scores_the_exported_network_on_faces_that_nothing_has_seen(transferred, tmp_path):
    project = transferred.copy(tmp_path / "project")
    project.run("dvc", "repro", "transfer/report/dvc.yaml")
    images, labels, split = (np.load(project.folder / path) for path in (paths.IMAGES, paths.LABELS, paths.SPLIT))
    rows = split == PRIVATE_TEST
    answers = ExportedModel.load(project.folder / paths.TRANSFER_EXPORTED).uncalibrated(images[rows])
    found = files.load_json(project.folder / paths.evaluation_path(paths.PRIVATE_TRANSFER))
    assert found["split"] == "PrivateTest"
    assert found["network"]["count"] == rows.sum()
    assert found["network"]["accuracy"] == pytest.approx((answers.argmax(axis=1) == labels[rows]).mean())
    assert set(found["as_the_program_answers"]) == {"accuracy", "sure_share", "sure_accuracy"}
    assert (project.folder / paths.figures_folder(paths.PRIVATE_TRANSFER) / "confusion.png").exists()


def test_another_start_network_of_the_same_name_trains_again(transferred, tmp_path):
    project = transferred.copy(tmp_path / "project")
    write_another_start(project)
    with contextlib.chdir(project.folder), Repo() as repo:
        (stale,) = repo.status(["transfer/dvc.yaml:train"]).values()
    assert stale == [{"changed deps": {str(START): "modified"}}]


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_a_start_network_that_is_not_there_or_is_damaged_is_one_line(transferred, tmp_path, damage):
    project = transferred.copy(tmp_path / "project", ".dvc", "mlflow.db")
    (project.folder / START).unlink()
    if damage == "damaged":
        (project.folder / START).write_bytes(b"PK\3\4 half a file")
    printed = project.run("transfer.train", check=False)
    assert printed.splitlines()[-1].startswith(f"train: {START} is {damage}")
    assert "Traceback" not in printed


@pytest.mark.slow
def test_a_killed_training_goes_on_and_ends_with_the_same_bytes_and_not_from_another_start(finished, tmp_path):
    changes = {"train.epochs": 6, "train.freeze": "none"}
    whole, killed = (projected(finished, tmp_path / name, **changes) for name in ("whole", "killed"))
    whole.run("transfer.train")
    killed.kill_after(f"{MODEL}/*/epoch-0002.npz", "transfer.train")
    other = killed.copy(tmp_path / "other")
    printed = killed.run("transfer.train")
    assert "resuming after epoch" in printed
    outputs = (paths.model_path(MODEL), paths.history_path(MODEL))
    assert [(whole.folder / path).read_bytes() for path in outputs] == [
        (killed.folder / path).read_bytes() for path in outputs
    ]
    write_another_start(other)
    assert "resuming" not in other.run("transfer.train")
