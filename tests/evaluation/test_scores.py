"""Scores agree with examples counted by hand, with scikit-learn and with Wilson's interval."""

import json
import warnings

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, f1_score

from openfer.emotions import EMOTIONS
from openfer.evaluation.scores import interval, score


def draw(count: int = 500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, count).astype(np.uint8)
    return labels, np.where(rng.random(count) < 0.6, labels, rng.integers(0, 7, count))


def test_example_counted_by_hand():
    # Of four angry faces three are found, of two happy ones one; "angry" is said four times, "happy" twice.
    scores = score(np.array([0, 0, 0, 0, 3, 3]), np.array([0, 0, 0, 3, 3, 0]))
    assert scores["accuracy"] == pytest.approx(4 / 6)
    assert scores["count"] == 6
    assert scores["classes"]["angry"] == pytest.approx({"precision": 0.75, "recall": 0.75, "f1": 0.75, "count": 4})
    assert scores["classes"]["happy"] == pytest.approx({"precision": 0.5, "recall": 0.5, "f1": 0.5, "count": 2})
    assert scores["macro_f1"] == pytest.approx((0.75 + 0.5) / 7)


def test_scores_agree_with_scikit_learn():
    labels, predicted = draw()
    scores = score(labels, predicted)
    assert scores["accuracy"] == pytest.approx(accuracy_score(labels, predicted))
    assert scores["macro_f1"] == pytest.approx(f1_score(labels, predicted, average="macro", labels=range(7)))


def test_every_emotion_has_its_row_and_the_counts_sum_up():
    labels, predicted = draw()
    classes = score(labels, predicted)["classes"]
    assert tuple(classes) == EMOTIONS
    assert [values["count"] for values in classes.values()] == np.bincount(labels, minlength=7).tolist()


def test_a_class_that_is_never_predicted_scores_zero_without_a_warning():
    labels = np.arange(7)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = score(labels, np.where(labels == 1, 0, labels))
    assert scores["classes"]["disgust"] == {"precision": 0, "recall": 0, "f1": 0, "count": 1}


def test_scores_are_plain_numbers_that_json_takes():
    labels, predicted = draw()
    scores = score(labels, predicted)
    assert json.loads(json.dumps(scores)) == scores


@pytest.mark.parametrize(("hits", "count"), [(2512, 3589), (5, 10), (1, 3), (49, 50), (0, 10), (10, 10)])
def test_interval_is_wilsons(hits, count):
    expected = binomtest(hits, count).proportion_ci(method="wilson")
    assert interval(hits / count, count) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_interval_of_seventy_per_cent_of_private_test_is_one_and_a_half_points_either_way():
    assert interval(0.7, 3589) == pytest.approx((0.6848, 0.7148), abs=5e-5)


def test_no_interval_leaves_0_to_1():
    ends = np.array([interval(share, count) for share in (0.0, 1.0) for count in range(1, 400)])
    assert ends.min() >= 0
    assert ends.max() <= 1


def test_score_reports_the_interval_of_its_accuracy():
    labels, predicted = draw()
    scores = score(labels, predicted)
    assert (scores["low"], scores["high"]) == interval(scores["accuracy"], len(labels))
