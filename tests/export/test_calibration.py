"""Temperature and threshold come from PublicTest faces without a duplicate in Training, and hold there."""

import numpy as np
import pytest

from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, TRAINING
from openfer.evaluation.calibration import scaled
from openfer.export.calibration import at_threshold, calibrate, fitting_rows

RNG = np.random.default_rng(0)


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
    assert calibrate(*predicted, 0.8)["temperature"] == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("share", [0.8, 0.9])
def test_from_the_threshold_on_the_promised_share_is_right_and_no_lower_threshold_would_do(predicted, share):
    facts = calibrate(*predicted, share)
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
    found = at_threshold(probabilities, np.array([0, 0, 1, 0]), {"temperature": 1.0, "unsure_below": 0.65})
    assert found == pytest.approx({"accuracy": 3 / 4, "sure_share": 3 / 4, "sure_accuracy": 2 / 3})


def test_where_no_face_is_sure_nothing_is_right():
    found = at_threshold(np.full((2, 7), 1 / 7), np.array([0, 1]), {"temperature": 1.0, "unsure_below": 1.0})
    assert found == {"accuracy": 0.5, "sure_share": 0.0, "sure_accuracy": 0.0}
