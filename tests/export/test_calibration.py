"""Temperature and threshold come from PublicTest faces without a duplicate in Training, and hold there."""

import numpy as np
import pytest

from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, TRAINING
from openfer.evaluation.calibration import scaled
from openfer.export.answers import calibrated
from openfer.export.calibration import at_threshold, calibrate, choose_strength, fitting_rows, prior_of

RNG = np.random.default_rng(0)
EVEN = prior_of(np.full(7, 1 / 7))
FACTS = {"temperature": 1.0, "prior": EVEN}


@pytest.fixture(scope="module")
def predicted() -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are twice too sure, and labels."""
    probabilities = RNG.dirichlet(np.full(7, 0.3), 4000)
    labels = (probabilities.cumsum(axis=1) > RNG.random((len(probabilities), 1))).argmax(axis=1)
    return scaled(probabilities, 0.5), labels


def test_models_are_calibrated_on_public_test_faces_without_a_duplicate_in_training():
    split = RNG.permutation(np.repeat([TRAINING, PUBLIC_TEST, PRIVATE_TEST], 20))
    images = RNG.integers(0, 256, (60, 48, 48), np.uint8)
    training, public, private = (np.flatnonzero(split == code) for code in (TRAINING, PUBLIC_TEST, PRIVATE_TEST))
    images[public[:5]] = images[training[:5]]
    images[private[:3]] = images[training[5:8]]
    images[public[7]] = images[private[7]]
    assert fitting_rows(images, split).tolist() == public[5:].tolist()


def test_the_temperature_undoes_what_makes_the_network_too_sure(predicted):
    assert calibrate(*predicted, 0.8, EVEN)["temperature"] == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("share", [0.8, 0.9])
def test_from_the_threshold_on_the_promised_share_is_right_and_no_lower_threshold_would_do(predicted, share):
    facts = calibrate(*predicted, share, EVEN) | {"prior": EVEN}
    found = at_threshold(*predicted, facts)
    assert found["sure_accuracy"] == pytest.approx(share, abs=2e-3)
    assert found["sure_accuracy"] >= share
    lower = at_threshold(*predicted, facts | {"unsure_below": facts["unsure_below"] - 0.02})
    assert lower["sure_accuracy"] < share
    assert lower["sure_share"] > found["sure_share"]


def test_at_threshold_counts_all_and_those_that_are_sure():
    probabilities = np.full((4, 7), 0.01)
    probabilities[:, 0] = [0.9, 0.8, 0.7, 0.6]
    probabilities[:, 1] = 0.95 - probabilities[:, 0]
    found = at_threshold(probabilities, np.array([0, 0, 1, 0]), FACTS | {"unsure_below": 0.65})
    assert found == pytest.approx({"accuracy": 3 / 4, "sure_share": 3 / 4, "sure_accuracy": 2 / 3})


def test_where_no_face_is_sure_nothing_is_right():
    found = at_threshold(np.full((2, 7), 1 / 7), np.array([0, 1]), FACTS | {"unsure_below": 1.0})
    assert found == {"accuracy": 0.5, "sure_share": 0.0, "sure_accuracy": 0.0}


UNEVEN = prior_of(np.array([0.05, 0.05, 0.05, 0.3, 0.05, 0.1, 0.4]))


def test_at_full_strength_a_model_answers_as_it_learned_and_at_none_as_if_all_emotions_were_as_frequent():
    answers = RNG.dirichlet(np.ones(7), 50)
    np.testing.assert_allclose(calibrated(answers, 1.0, UNEVEN), answers, rtol=1e-6)
    expected = answers / np.array(list(UNEVEN["shares"].values()))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(calibrated(answers, 1.0, UNEVEN, strength=0.0), expected, rtol=1e-6)
    np.testing.assert_allclose(calibrated(answers, 1.0, UNEVEN | {"strength": 0.0}), expected, rtol=1e-6)


def test_the_strength_is_that_whose_answers_are_nearest_to_what_people_see():
    likelihoods = RNG.dirichlet(np.full(7, 0.5), 3000)
    shares = np.array(list(UNEVEN["shares"].values()))
    for strength in (0.0, 0.5, 1.0):
        answers, seen = (likelihoods * shares**power for power in (1, strength))
        answers, seen = (values / values.sum(axis=1, keepdims=True) for values in (answers, seen))
        chosen, tried = choose_strength(answers, seen, 1.0, UNEVEN)
        assert chosen == strength
        assert tried[str(chosen)] == min(tried.values())


def test_the_threshold_is_of_the_answers_at_the_strength_of_the_model(predicted):
    weak = UNEVEN | {"strength": 0.5}
    facts = calibrate(*predicted, 0.8, weak) | {"prior": weak}
    assert at_threshold(*predicted, facts)["sure_accuracy"] == pytest.approx(0.8, abs=2e-3)
    assert at_threshold(*predicted, facts | {"prior": UNEVEN})["sure_accuracy"] != pytest.approx(0.8, abs=2e-3)
