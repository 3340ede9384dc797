"""The crowd's pipeline from votes to cards: what it learns from, what it counts, what it leaves alone."""

import numpy as np
import pytest

from crowd import ALL, MODELS
from openfer import files
from openfer.data.duplicates import is_duplicate
from openfer.data.light import LIGHTS
from openfer.data.votes import majority
from openfer.emotions import EMOTIONS, PRIVATE_TEST, PUBLIC_TEST, TRAINING
from openfer.evaluation.calibration import scaled
from openfer.evaluation.ensemble import SYSTEMS
from openfer.export.model_folder import ExportedModel
from pipeline import paths
from tests.crowd.conftest import VOTES

pytestmark = pytest.mark.slow

SPLITS = {PUBLIC_TEST: paths.CROWD, PRIVATE_TEST: paths.PRIVATE_CROWD}


def array(project, path) -> np.ndarray:
    return np.load(project.folder / path)


def test_a_second_run_does_nothing_and_the_main_pipeline_is_not_affected(crowd, finished):
    for pipeline in ("crowd/dvc.yaml", "crowd/report/dvc.yaml"):
        assert "Data and pipelines are up to date" in crowd.run("dvc", "status", pipeline)
    assert crowd.lock() == finished.lock()


@pytest.mark.parametrize("code", SPLITS)
def test_accuracy_is_counted_on_the_faces_with_a_majority_in_eight_classes(crowd, code):
    evaluation = files.load_json(crowd.folder / SPLITS[code] / "evaluation.json")
    seen = majority(array(crowd, paths.VOTES), 8)
    chosen = array(crowd, paths.SPLIT)[seen.rows] == code
    rows, labels = seen.rows[chosen], seen.labels[chosen]
    assert evaluation["people"]["faces"] == len(rows)
    assert evaluation["people"]["fer2013_label"]["accuracy"] == 1  # so were the votes made
    learned = array(crowd, paths.IMAGES)[array(crowd, paths.SPLIT) == TRAINING]
    for model in MODELS:
        table = files.load_csv(crowd.folder / paths.probabilities_path(SPLITS[code], model), ["row", "contempt"])
        by_row = {int(row["row"]): row for row in table}
        names = [*EMOTIONS, "contempt"]
        answers = [max(names, key=lambda name, row=row: float(by_row[row][name])) for row in rows]
        right = np.mean([answer == names[label] for answer, label in zip(answers, labels, strict=True)])
        scores = evaluation["systems"][model]
        assert scores["accuracy"] == pytest.approx(right)
        copies = is_duplicate(array(crowd, paths.IMAGES)[rows], learned)
        assert scores["without_duplicates"]["count"] == (~copies).sum()
        right = np.mean([answer == names[label] for answer, label in zip(answers, labels, strict=True)], where=~copies)
        assert scores["without_duplicates"]["accuracy"] == pytest.approx(right)


@pytest.mark.parametrize("code", SPLITS)
def test_models_of_both_kinds_of_labels_stand_beside_each_other_in_seven_classes(crowd, code):
    evaluation = files.load_json(crowd.folder / SPLITS[code] / "evaluation.json")
    groups = evaluation["seven_classes"]
    assert groups["crowd"].keys() == {*MODELS, ALL}
    assert groups["fer2013"].keys() == groups["fer2013_reweighted"].keys() == set(SYSTEMS)
    counts = {scores["count"] for group in groups.values() for scores in group.values()}
    assert len(counts) == 1
    for model in (*MODELS, ALL, "vgg"):
        assert evaluation["light"][model].keys() == LIGHTS.keys()
        assert evaluation["called_sad"][model]["neutral"] <= evaluation["called_sad"][model]["all"]


def test_the_exported_model_answers_in_seven_expressions_as_the_network_does(crowd):
    from openfer.networks.storage import load_network
    from openfer.prediction.predict import predict
    from openfer.training.dataset import Dataset

    images = array(crowd, paths.IMAGES)[:20]
    for name in MODELS:
        model = ExportedModel.load(crowd.folder / paths.CROWD_EXPORTED / name)
        assert model.facts["labels"] == "crowd"
        network = load_network(crowd.folder / paths.model_path(name))
        eight = predict(network, Dataset(images, np.zeros(20, np.uint8)))
        expected = eight[:, :7] / eight[:, :7].sum(axis=1, keepdims=True)
        np.testing.assert_allclose(model.uncalibrated(images, [(0, (0, 0))]), expected, atol=1e-4)
        shares = np.array([model.facts["prior"]["shares"][emotion] for emotion in EMOTIONS])
        assert shares.sum() == pytest.approx(1)
        plain = scaled(model.uncalibrated(images), model.facts["temperature"]) / shares
        even = model.predict(images, prior=0.0)
        np.testing.assert_allclose(even, plain / plain.sum(axis=1, keepdims=True), rtol=1e-4)


def test_cards_have_the_figures_of_both_splits(crowd):
    for name in (*MODELS, ALL):
        card = (crowd.folder / paths.PRIVATE_CROWD / "cards" / f"{name}.md").read_text(encoding="utf-8")
        exported = (crowd.folder / paths.CROWD_EXPORTED / name / "README.md").read_text(encoding="utf-8")
        for folder in SPLITS.values():
            scores = files.load_json(crowd.folder / folder / "evaluation.json")["seven_classes"]["crowd"][name]
            assert f"{scores['accuracy']:.2%}" in card
        assert "PrivateTest" in card
        assert "PrivateTest" not in exported


def test_without_the_votes_one_line_says_where_to_get_them(crowd, tmp_path):
    project = crowd.copy(tmp_path / "project", ".dvc/cache")
    (project.folder / VOTES).unlink()
    said = project.run("crowd.source", check=False)
    assert said.count("\n") == 1
    assert f"{VOTES} is missing. Get fer2013new.csv from https://github.com/microsoft/FERPlus" in said
