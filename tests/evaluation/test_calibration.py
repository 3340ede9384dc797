"""Calibration: the error is zero where confidence is accuracy, and temperature undoes what sharpening did."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from openfer.evaluation.calibration import (
    BINS,
    calibration_error,
    class_shares,
    reliability,
    reweighted,
    scaled,
    sure_from,
    temperature,
)


@pytest.fixture
def calibrated() -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and labels drawn from them."""
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.full(7, 0.3), 20_000)
    labels = (probabilities.cumsum(axis=1) > rng.random((len(probabilities), 1))).argmax(axis=1)
    return probabilities, labels


def test_calibrated_probabilities_have_almost_no_error(calibrated):
    assert calibration_error(*calibrated) < 0.01


def test_temperature_undoes_sharpening(calibrated):
    probabilities, labels = calibrated
    sharp = scaled(probabilities, 0.5)
    assert calibration_error(sharp, labels) > 0.1
    found = temperature(sharp, labels)
    assert found == pytest.approx(2, rel=0.05)
    assert calibration_error(scaled(sharp, found), labels) < 0.01


def test_scaling_keeps_sums_and_the_order_of_classes(calibrated):
    probabilities = calibrated[0]
    for value in (0.3, 1.0, 4.0):
        changed = scaled(probabilities, value)
        np.testing.assert_allclose(changed.sum(axis=1), 1)
        np.testing.assert_array_equal(changed.argmax(axis=1), probabilities.argmax(axis=1))
    np.testing.assert_allclose(scaled(probabilities, 1.0), probabilities, atol=1e-5)


def test_the_temperature_has_the_smallest_cross_entropy_by_scikit_learn(calibrated):
    probabilities, labels = calibrated
    sharp = scaled(probabilities, 0.5)
    found = temperature(sharp, labels)
    best, *others = (log_loss(labels, scaled(sharp, found * factor)) for factor in (1, 0.98, 1.02))
    assert best < min(others)


def test_certain_and_wrong_costs_much_but_not_infinitely():
    labels = np.array([0] * 9 + [1])
    assert 1 < temperature(np.eye(7)[np.zeros(10, int)], labels) < 10


def test_without_a_face_probabilities_stay_as_they_are():
    assert temperature(np.empty((0, 7)), np.empty(0, int)) == 1.0


def test_bins_hold_every_face_once_also_the_certain_ones(calibrated):
    probabilities = np.concatenate([calibrated[0], np.eye(7)])
    labels = np.concatenate([calibrated[1], np.arange(7)])
    rows = reliability(probabilities, labels)
    assert sum(row["count"] for row in rows) == len(labels)
    assert len(rows) <= BINS


def test_always_certain_and_half_right_has_an_error_of_a_half():
    assert calibration_error(np.eye(7)[[0, 0]], np.array([0, 1])) == pytest.approx(0.5)


def test_faces_as_sure_as_the_threshold_are_right_as_often_as_they_must_be():
    confidences = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    probabilities = np.zeros((5, 7))
    probabilities[:, 0], probabilities[:, 1] = confidences, 1 - confidences
    probabilities[4, 1] = 0.4
    labels = np.array([0, 0, 3, 0, 3])
    assert sure_from(probabilities, labels, 1.0) == 0.8
    assert sure_from(probabilities, labels, 0.75) == 0.6
    assert sure_from(probabilities, labels, 0.6) == 0.5
    assert sure_from(probabilities, np.full(5, 3), 0.1) == 1.0


def test_reweighting_gives_the_answers_of_a_network_that_learned_from_other_shares():
    likelihoods = np.random.default_rng(0).dirichlet(np.ones(3), 20)
    there, here = np.array([0.6, 0.3, 0.1]), np.array([0.2, 0.2, 0.6])
    answers, expected = (likelihoods * shares for shares in (there, here))
    answers, expected = (values / values.sum(axis=1, keepdims=True) for values in (answers, expected))
    np.testing.assert_allclose(reweighted(answers, here / there), expected, rtol=1e-6)


def test_shares_of_classes_add_up_to_one_and_none_is_nothing():
    np.testing.assert_allclose(class_shares(np.array([0, 0, 0, 2]), 3), [0.6, 0.2, 0.2])
