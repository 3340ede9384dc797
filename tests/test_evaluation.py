"""Evaluation of one split: figures with and without twins, and a row an image."""

import numpy as np
import pytest

from fer.evaluation import Evaluation
from fer.scores import score

LABELS = np.array([0, 0, 3, 3, 6, 6], np.uint8)
RIGHT = LABELS.astype(int)
ANGRY = np.zeros(6, int)


@pytest.fixture
def evaluation():
    fresh = np.array([True, False, True, True, False, True])
    return Evaluation(np.arange(100, 106), LABELS, {"cnn": ANGRY, "all": RIGHT}, fresh)


def test_every_system_is_scored_on_all_images(evaluation):
    scores = evaluation.scores()
    assert list(scores) == ["cnn", "all"]
    assert scores["cnn"]["accuracy"] == pytest.approx(2 / 6)
    assert scores["cnn"]["count"] == 6
    assert scores["cnn"].items() >= score(LABELS, ANGRY).items()


def test_images_with_a_twin_in_training_are_left_out_of_the_second_figure(evaluation):
    without = evaluation.scores()["cnn"]["without_twins"]
    assert without["count"] == 4
    assert without["accuracy"] == pytest.approx(1 / 4)
    assert without["low"] < 1 / 4 < without["high"]
    assert "classes" not in without


def test_the_table_has_a_row_an_image_in_order_with_the_names_of_the_emotions(evaluation):
    table = evaluation.table()
    assert [row["row"] for row in table] == list(range(100, 106))
    assert [row["actual"] for row in table] == ["angry", "angry", "happy", "happy", "neutral", "neutral"]
    assert table[2] == {"row": 102, "actual": "happy", "cnn": "angry", "all": "happy"}


def test_predictions_of_another_length_are_refused():
    broken = Evaluation(np.arange(6), LABELS, {"cnn": ANGRY[:5]}, np.ones(6, bool))
    with pytest.raises(ValueError, match="argument"):
        broken.table()
