"""Confusion matrices: counts with the true emotion in rows, and a table with a row per cell."""

import numpy as np
import pytest

from openfer.emotions import EMOTIONS
from openfer.evaluation.confusion import confusion_counts, confusion_rows


def test_rows_are_true_and_columns_predicted():
    counts = confusion_counts(np.array([0, 0, 0, 0, 3, 6], np.uint8), np.array([0, 0, 0, 3, 3, 0]))
    assert counts.shape == (7, 7)
    assert (counts[0, 0], counts[0, 3], counts[3, 3], counts[6, 0]) == (3, 1, 1, 1)
    assert counts[3, 0] == 0


def test_counts_sum_to_the_images_and_rows_to_the_classes():
    rng = np.random.default_rng(0)
    labels, predicted = rng.integers(0, 7, (2, 300))
    counts = confusion_counts(labels, predicted)
    assert counts.sum() == 300
    np.testing.assert_array_equal(counts.sum(axis=1), np.bincount(labels, minlength=7))
    np.testing.assert_array_equal(counts.sum(axis=0), np.bincount(predicted, minlength=7))


def test_rows_of_the_table_name_system_and_emotions_and_sum_to_the_faces():
    rows = confusion_rows("vgg", confusion_counts(np.array([0, 0, 3]), np.array([0, 3, 3])))
    assert len(rows) == len(EMOTIONS) ** 2
    assert {"system": "vgg", "actual": "angry", "predicted": "happy", "count": 1, "share": 0.5} in rows
    assert sum(row["count"] for row in rows) == 3


def test_shares_of_an_emotion_without_a_face_are_zero():
    rows = confusion_rows("vgg", np.zeros((7, 7), int))
    assert [row["share"] for row in rows] == pytest.approx([0] * 49)
