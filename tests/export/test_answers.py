"""What a model answers with is what the evaluation calls scaled and reweighted."""

import numpy as np
import pytest

from openfer.emotions import EMOTIONS
from openfer.evaluation.calibration import SMALLEST, reweighted, scaled
from openfer.export import answers
from openfer.export.calibration import prior_of

PROBABILITIES = np.random.default_rng(0).dirichlet(np.full(7, 0.1), 500)
SHARES = np.random.default_rng(1).dirichlet(np.full(7, 3.0))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("strength", [None, 0.0, 0.25, 1.0])
def test_answers_are_scaled_and_reweighted_as_in_the_evaluation(temperature, strength):
    expected = scaled(PROBABILITIES, temperature)
    if strength not in (None, 1.0):
        weights = np.array([prior_of(SHARES)["shares"][emotion] for emotion in EMOTIONS]) ** (strength - 1)
        expected = reweighted(expected, weights)
    found = answers.calibrated(PROBABILITIES, temperature, prior_of(SHARES), strength)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert answers.SMALLEST == SMALLEST


def test_no_face_has_no_answer():
    assert answers.calibrated(PROBABILITIES[:0], 1.0, prior_of(SHARES)).shape == (0, 7)
