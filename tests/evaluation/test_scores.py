"""Scores agree with examples counted by hand, with scikit-learn and with Wilson's interval."""

import json
import warnings

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from openfer.emotions import EMOTIONS
from openfer.evaluation.scores import interval, score


def draw(count: int = 500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, count).astype(np.uint8)
    return labels, np.where(rng.random(count) < 0.6, labels, rng.integers(0, 7, count))


def test_example_counted_by_hand():
    # Of four angry faces three are found, of two happy ones one; "angry" is predicted four times, "happy" twice.
    scores = score(np.array([0, 0, 0, 0, 3, 3]), np.array([0, 0, 0, 3, 3, 0]))
    assert scores["accuracy"] == pytest.approx(4 / 6)
    assert scores["count"] == 6
    assert scores["classes"]["angry"] == pytest.approx({"precision": 0.75, "recall": 0.75, "f1": 0.75, "count": 4})
    assert scores["classes"]["happy"] == pytest.approx({"precision": 0.5, "recall": 0.5, "f1": 0.5, "count": 2})
    assert scores["macro_f1"] == pytest.approx((0.75 + 0.5) / 2)


def test_scores_agree_with_scikit_learn():
    labels, predicted = draw()
    scores = score(labels, predicted)
    assert scores["accuracy"] == pytest.approx(accuracy_score(labels, predicted))
    assert scores["macro_f1"] == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert scores["count"] == len(labels)


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


@pytest.mark.parametrize("absent", [1, 6])
def test_macro_f1_leaves_out_a_class_that_is_neither_true_nor_predicted_as_scikit_learn_does(absent):
    labels, predicted = draw()
    present = (labels != absent) & (predicted != absent)
    labels, predicted = labels[present], predicted[present]
    found = score(labels, predicted)
    assert found["macro_f1"] == pytest.approx(f1_score(labels, predicted, average="macro"))
    six = [values["f1"] for values in found["classes"].values() if values["count"]]
    assert found["macro_f1"] == pytest.approx(sum(six) / 6)


def test_macro_f1_counts_a_class_that_is_only_true_or_only_predicted_as_zero():
    assert score(np.array([0, 0]), np.array([0, 3]))["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)
    assert score(np.array([0, 3]), np.array([0, 0]))["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)


@pytest.mark.parametrize(("hits", "count"), [(2512, 3589), (5, 10), (1, 3), (49, 50), (0, 10), (10, 10)])
def test_interval_is_wilsons(hits, count):
    """The formula of the paper."""
    z, share = 1.959963984540054, hits / count
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    assert interval(hits, count) == pytest.approx((centre - half, centre + half), abs=1e-12)


def test_interval_of_seventy_per_cent_of_private_test_is_one_and_a_half_points_either_way():
    assert interval(2512, 3589) == pytest.approx((0.6847, 0.7147), abs=5e-5)


def test_no_interval_leaves_0_to_1():
    ends = np.array([interval(hits, count) for count in range(1, 200) for hits in (0, count)])
    assert ends.min() >= 0
    assert ends.max() <= 1


def test_score_reports_the_interval_of_its_accuracy():
    labels, predicted = draw()
    scores = score(labels, predicted)
    assert (scores["low"], scores["high"]) == interval((labels == predicted).sum(), len(labels))
