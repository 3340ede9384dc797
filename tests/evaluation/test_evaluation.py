"""Evaluation of one split: figures with and without duplicates, comparisons, and a row per image."""

import dataclasses

import numpy as np
import pytest

from openfer.emotions import EMOTIONS
from openfer.evaluation.calibration import temperature
from openfer.evaluation.ensemble import ENSEMBLES, MODELS, members
from openfer.evaluation.evaluation import Evaluation, best_members
from openfer.evaluation.scores import score

LABELS = np.array([0, 0, 3, 3, 6, 6], np.uint8)
WARM = {"cnn": 1.0, "all": 1.0}


def sure_of(codes: np.ndarray) -> np.ndarray:
    """Probabilities of 0.7 for the codes and 0.05 for each other."""
    return np.full((len(codes), len(EMOTIONS)), 0.05) + 0.65 * np.eye(len(EMOTIONS))[codes]


@pytest.fixture
def evaluation():
    without_duplicate = np.array([True, False, True, True, False, True])
    probabilities = {"cnn": sure_of(np.zeros(6, int)), "all": sure_of(LABELS)}
    return Evaluation(np.arange(100, 106), LABELS, probabilities, {"cnn": LABELS}, without_duplicate)


def test_every_system_is_scored_on_all_images(evaluation):
    scores = evaluation.scores(WARM)
    assert list(scores) == ["cnn", "all"]
    assert scores["cnn"]["accuracy"] == pytest.approx(2 / 6)
    assert scores["cnn"].items() >= score(LABELS, np.zeros(6, int)).items()


def test_images_with_a_duplicate_in_training_are_left_out_of_the_second_figure(evaluation):
    without = evaluation.scores(WARM)["cnn"]["without_duplicates"]
    assert without["count"] == 4
    assert without["accuracy"] == pytest.approx(1 / 4)
    assert without["low"] < 1 / 4 < without["high"]
    assert "classes" not in without


def test_a_model_is_scored_on_single_views_too_and_an_ensemble_is_not(evaluation):
    scores = evaluation.scores(WARM)
    assert scores["cnn"]["single_view_accuracy"] == 1
    assert "single_view_accuracy" not in scores["all"]


def test_where_every_image_has_a_duplicate_there_is_no_second_figure_and_no_temperature(evaluation):
    alone = dataclasses.replace(evaluation, without_duplicate=np.zeros(6, bool))
    assert alone.scores(WARM)["cnn"]["without_duplicates"] is None
    assert alone.temperatures() == WARM


def test_calibration_is_measured_before_and_after_scaling(evaluation):
    before = evaluation.scores(WARM)["all"]
    assert before["calibration_error"] == pytest.approx(0.3)
    assert before["calibration_error_after_scaling"] == pytest.approx(before["calibration_error"])
    after = evaluation.scores(evaluation.temperatures())["all"]
    assert after["calibration_error_after_scaling"] < 0.01


def test_temperatures_are_fitted_on_the_faces_without_a_duplicate_in_training():
    """On those, the system is right in half of all cases; on the duplicates, which it has learned, always."""
    labels = np.tile([0, 1], 50)
    predicted = np.zeros(100, int)
    duplicate = np.arange(100) >= 40
    predicted[duplicate] = labels[duplicate]
    probabilities = sure_of(predicted)
    (found,) = Evaluation(np.arange(100), labels, {"cnn": probabilities}, {}, ~duplicate).temperatures().values()
    assert found == temperature(probabilities[:40], labels[:40])
    assert found > 1 > temperature(probabilities, labels)


def test_the_best_member_is_the_one_with_the_highest_accuracy_the_first_of_equals():
    accuracies = dict.fromkeys(MODELS, 0.5) | {"cnn-sift": 0.6, "vgg-dsift": 0.7}
    best = best_members({model: {"accuracy": accuracy} for model, accuracy in accuracies.items()})
    assert list(best) == list(ENSEMBLES)
    assert all(best[ensemble] in members(ensemble) for ensemble in ENSEMBLES)
    assert (best["cnn+sift"], best["cnn+dsift"], best["vgg+sift"]) == ("cnn-sift", "cnn", "vgg")
    assert (best["cnn-all"], best["all"]) == ("cnn-sift", "vgg-dsift")


def test_an_ensemble_is_tested_against_the_given_member(evaluation):
    tested = evaluation.against_best_member({"all": "cnn"})
    p = pytest.approx(2 * 0.5**4)
    assert tested == {"all": {"best_member": "cnn", "only_one": 4, "only_other": 0, "p": p, "p_holm": p}}


def test_p_values_are_corrected_for_the_number_of_ensembles_after_holm(evaluation):
    more = evaluation.probabilities | {"vgg-all": sure_of(np.array([0, 0, 3, 3, 0, 0]))}
    tested = dataclasses.replace(evaluation, probabilities=more).against_best_member({"all": "cnn", "vgg-all": "cnn"})
    assert [test["p"] for test in tested.values()] == pytest.approx([0.125, 0.5])
    assert [test["p_holm"] for test in tested.values()] == pytest.approx([0.25, 0.5])


def test_disagreement_is_the_share_of_images_labelled_differently(evaluation):
    assert evaluation.disagreements(("cnn", "all"))["cnn"]["all"] == pytest.approx(4 / 6)


def test_the_table_has_a_row_per_image_in_order_with_the_names_of_the_emotions(evaluation):
    table = evaluation.table()
    assert [row["row"] for row in table] == list(range(100, 106))
    assert [row["actual"] for row in table] == ["angry", "angry", "happy", "happy", "neutral", "neutral"]
    assert table[2] == {"row": 102, "actual": "happy", "cnn": "angry", "all": "happy"}


def test_probabilities_of_another_length_are_refused():
    broken = Evaluation(np.arange(6), LABELS, {"cnn": sure_of(LABELS[:5])}, {}, np.ones(6, bool))
    with pytest.raises(ValueError, match="argument"):
        broken.table()
