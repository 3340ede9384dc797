"""Confusion matrices: counts with the true emotion in rows, and a picture that says the same."""

import warnings

import numpy as np

from openfer.emotions import EMOTIONS
from openfer.evaluation.figures.confusion import confusion_counts, confusion_figure, confusion_rows

LABELS = np.array([0, 0, 0, 0, 3, 6], np.uint8)
PREDICTED = np.array([0, 0, 0, 3, 3, 0])


def test_rows_are_true_and_columns_predicted():
    counts = confusion_counts(LABELS, PREDICTED)
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


def test_a_cell_shows_the_share_of_its_row_and_the_count():
    axes = confusion_figure(confusion_counts(LABELS, PREDICTED), "CNN").axes[0]
    shown = {text.get_position(): text.get_text() for text in axes.texts}
    assert len(shown) == 49
    assert shown[(0, 0)] == "75%\n3"
    assert shown[(3, 0)] == "25%\n1"
    assert shown[(0, 3)] == "0%\n0"


def test_colours_are_the_shares_from_0_to_1():
    axes = confusion_figure(confusion_counts(LABELS, PREDICTED), "CNN").axes[0]
    picture = axes.get_images()[0]
    assert picture.get_clim() == (0, 1)
    assert picture.get_array()[0, 0] == 0.75


def test_an_emotion_without_a_face_draws_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        axes = confusion_figure(confusion_counts(LABELS, PREDICTED), "CNN").axes[0]
    assert np.isfinite(axes.get_images()[0].get_array()).all()


def test_both_axes_name_the_emotions_and_what_they_are():
    axes = confusion_figure(np.eye(7, dtype=int), "DSIFT-VGG on PrivateTest").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == list(EMOTIONS)
    assert [label.get_text() for label in axes.get_yticklabels()] == list(EMOTIONS)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    assert axes.get_title() == "DSIFT-VGG on PrivateTest"


def test_rows_of_the_table_name_the_emotions_and_sum_to_the_faces():
    rows = confusion_rows(confusion_counts(np.array([0, 0, 3]), np.array([0, 3, 3])))
    assert len(rows) == len(EMOTIONS) ** 2
    assert {"actual": "angry", "predicted": "happy", "count": 1, "share": 0.5} in rows
    assert sum(row["count"] for row in rows) == 3
