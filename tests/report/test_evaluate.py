"""PrivateTest is evaluated with what PublicTest has chosen: temperatures, and the best member of each ensemble."""

import numpy as np
import pytest

from openfer import files
from openfer.evaluation.calibration import calibration_error, scaled
from openfer.evaluation.comparison import holm
from openfer.evaluation.ensemble import ENSEMBLES, MODELS, SYSTEMS, members, systems
from pipeline import paths
from report import evaluate
from tests.report.conftest import BEST, TEMPERATURES


@pytest.fixture
def evaluated(project, monkeypatch):
    """The project after its evaluation, without pictures."""
    monkeypatch.setattr(evaluate, "draw", lambda *_: None)
    evaluate.main()
    return project


def test_temperatures_of_private_test_are_those_of_public_test(evaluated):
    scores = files.load_json(paths.evaluation_path(paths.PRIVATE_TEST))["systems"]
    assert {system: values["temperature"] for system, values in scores.items()} == TEMPERATURES
    for system, probabilities in systems(evaluated.predicted).items():
        expected = calibration_error(scaled(probabilities, TEMPERATURES[system]), evaluated.labels[evaluated.rows])
        assert scores[system]["calibration_error_after_scaling"] == pytest.approx(expected)


def test_an_ensemble_is_tested_against_the_member_that_public_test_found_best(evaluated):
    tests = files.load_json(paths.COMPARISONS)["ensemble_against_best_member"]
    assert list(tests) == list(ENSEMBLES)
    for ensemble, test in tests.items():
        assert test["best_member"] == (BEST if BEST in members(ensemble) else members(ensemble)[0])
        assert test["only_other"] == 0 or test["best_member"] != BEST  # which is never right on PrivateTest
    assert [test["p_holm"] for test in tests.values()] == holm([test["p"] for test in tests.values()])


def test_figures_are_those_of_the_private_test_faces(evaluated):
    evaluation = files.load_json(paths.evaluation_path(paths.PRIVATE_TEST))
    labels = evaluated.labels[evaluated.rows]
    assert evaluation["split"] == "PrivateTest"
    assert evaluation["protocol"] == "not the official FER2013 split"
    assert evaluation["data"]["source"] == "faces.csv"
    for system, probabilities in systems(evaluated.predicted).items():
        scores, right = evaluation["systems"][system], probabilities.argmax(axis=1) == labels
        assert scores["accuracy"] == pytest.approx(right.mean())
        assert scores["without_duplicates"]["count"] == 21
        assert scores["without_duplicates"]["accuracy"] == pytest.approx(right[4:].mean())
    rows = files.load_csv(paths.predictions_path(paths.PRIVATE_TEST), ["row", *SYSTEMS])
    assert [int(row["row"]) for row in rows] == evaluated.rows.tolist()


def test_what_is_known_of_public_test_stays_as_it_is(project, monkeypatch):
    monkeypatch.setattr(evaluate, "draw", lambda *_: None)
    before = paths.evaluation_path(paths.METRICS).read_bytes()
    evaluate.main()
    assert paths.evaluation_path(paths.METRICS).read_bytes() == before
    assert {path.name for path in paths.METRICS.iterdir()} == {"evaluation.json", "private_test"}


def test_disagreement_is_that_of_the_models(evaluated):
    shares = files.load_json(paths.COMPARISONS)["disagreement"]
    assert list(shares) == list(MODELS)
    one, other = (evaluated.predicted[model].argmax(axis=1) for model in ("cnn", "vgg"))
    assert shares["cnn"]["vgg"] == pytest.approx(np.mean(one != other))
