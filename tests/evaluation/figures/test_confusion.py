"""The picture of a confusion matrix shows the shares and counts, true emotions in rows."""

import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from openfer.emotions import EMOTIONS
from openfer.evaluation.confusion import confusion_counts
from openfer.evaluation.figures.confusion import confusion_figure

LABELS = np.array([0, 0, 0, 0, 3, 6], np.uint8)
PREDICTED = np.array([0, 0, 0, 3, 3, 0])


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


@pytest.mark.parametrize("percent", range(0, 101, 5))
def test_numbers_can_be_read_on_every_colour(percent):
    """The contrast that WCAG 2 defines; it wants 4.5."""
    axes = confusion_figure(np.diag([percent] * 7) + np.eye(7, k=1, dtype=int) * (100 - percent), "CNN").axes[0]
    picture, text = axes.get_images()[0], next(text for text in axes.texts if text.get_position() == (0, 0))
    dark, light = sorted(
        luminance(colour) for colour in (picture.cmap(picture.norm(percent / 100)), to_rgb(text.get_color()))
    )
    assert (light + 0.05) / (dark + 0.05) > 4.4


def luminance(colour: Sequence[float]) -> float:
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in colour[:3]]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


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
