"""Evaluation of one split: figures with and without twins, comparisons, and a row an image."""

import numpy as np
import pytest

from openfer.emotions import EMOTIONS
from openfer.evaluation.evaluation import Evaluation, best_members
from openfer.evaluation.scores import score

LABELS = np.array([0, 0, 3, 3, 6, 6], np.uint8)
WARM = {"cnn": 1.0, "all": 1.0}


def sure_of(codes: np.ndarray) -> np.ndarray:
    """Probabilities of 0.7 for the codes and 0.05 for each other."""
    return np.full((len(codes), len(EMOTIONS)), 0.05) + 0.65 * np.eye(len(EMOTIONS))[codes]


@pytest.fixture
def evaluation():
    fresh = np.array([True, False, True, True, False, True])
    probabilities = {"cnn": sure_of(np.zeros(6, int)), "all": sure_of(LABELS)}
    return Evaluation(np.arange(100, 106), LABELS, probabilities, {"cnn": LABELS}, fresh)


def test_every_system_is_scored_on_all_images(evaluation):
    scores = evaluation.scores(WARM)
    assert list(scores) == ["cnn", "all"]
    assert scores["cnn"]["accuracy"] == pytest.approx(2 / 6)
    assert scores["cnn"].items() >= score(LABELS, np.zeros(6, int)).items()


def test_images_with_a_twin_in_training_are_left_out_of_the_second_figure(evaluation):
    without = evaluation.scores(WARM)["cnn"]["without_twins"]
    assert without["count"] == 4
    assert without["accuracy"] == pytest.approx(1 / 4)
    assert without["low"] < 1 / 4 < without["high"]
    assert "classes" not in without


def test_a_model_is_scored_on_single_views_too_and_an_ensemble_is_not(evaluation):
    scores = evaluation.scores(WARM)
    assert scores["cnn"]["single_view_accuracy"] == 1
    assert "single_view_accuracy" not in scores["all"]


def test_no_second_figure_where_every_image_has_a_twin(evaluation):
    alone = Evaluation(evaluation.rows, LABELS, evaluation.probabilities, {}, np.zeros(6, bool))
    assert alone.scores(WARM)["cnn"]["without_twins"] is None


def test_calibration_is_measured_before_and_after_scaling(evaluation):
    before = evaluation.scores(WARM)["all"]
    assert before["calibration_error"] == pytest.approx(0.3)
    assert before["calibration_error_after_scaling"] == pytest.approx(before["calibration_error"])
    after = evaluation.scores(evaluation.temperatures())["all"]
    assert after["calibration_error_after_scaling"] < 0.01


def test_an_ensemble_is_tested_against_the_member_that_the_other_split_found_best(evaluation):
    members = {"all": ("vgg", "cnn")}
    assert best_members(members, {"vgg": {"accuracy": 0.4}, "cnn": {"accuracy": 0.5}}) == {"all": "cnn"}
    tested = evaluation.against_best_member({"all": "cnn"})
    assert tested == {"all": {"best_member": "cnn", "only_one": 4, "only_other": 0, "p": pytest.approx(2 * 0.5**4)}}


def test_disagreement_is_the_share_of_images_labelled_differently(evaluation):
    assert evaluation.disagreements(("cnn", "all"))["cnn"]["all"] == pytest.approx(4 / 6)


def test_the_table_has_a_row_an_image_in_order_with_the_names_of_the_emotions(evaluation):
    table = evaluation.table()
    assert [row["row"] for row in table] == list(range(100, 106))
    assert [row["actual"] for row in table] == ["angry", "angry", "happy", "happy", "neutral", "neutral"]
    assert table[2] == {"row": 102, "actual": "happy", "cnn": "angry", "all": "happy"}


def test_probabilities_of_another_length_are_refused():
    broken = Evaluation(np.arange(6), LABELS, {"cnn": sure_of(LABELS[:5])}, {}, np.ones(6, bool))
    with pytest.raises(ValueError, match="argument"):
        broken.table()
