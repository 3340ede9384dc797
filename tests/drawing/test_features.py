"""What features see, drawn on faces."""

import numpy as np
import pytest

from openfer.descriptors import hog
from openfer.descriptors.settings import Hog, RawGrid, SlidingHog
from openfer.drawing import features as drawing
from openfer.emotions import EMOTIONS

WHOLE, SLIDING = Hog(orientations=8, cell=16), SlidingHog(orientations=8, cell=8, window=24, step=6)
NAMES = ["angry", "happy"]


@pytest.fixture(scope="module")
def faces():
    """A picture with an upright edge, and one with a level one."""
    upright = np.zeros((48, 48), np.uint8)
    upright[:, 24:] = 255
    return np.stack([upright, upright.T])


def lines(axes):
    """The segments of the last collection, (n, 2, 2)."""
    return np.array(axes.collections[-1].get_segments())


def longest(axes):
    drawn = lines(axes)
    return drawn[np.linalg.norm(drawn[:, 1] - drawn[:, 0], axis=1).argmax()]


def test_a_face_of_each_emotion_is_chosen_from_those_allowed():
    labels = np.arange(70) % 7
    rows = drawing.chosen(labels, np.arange(70) >= 63, seed=1)
    assert rows.tolist() == list(range(63, 70))
    assert drawing.chosen(labels, labels == 3, seed=1).size == 1
    assert len(EMOTIONS) == 7
    assert not np.array_equal(drawing.chosen(labels, labels < 7, 1), drawing.chosen(labels, labels < 7, 2))


def test_edges_lie_along_the_edge_in_the_picture(faces):
    figure = drawing.hog(faces, NAMES, skimage_hog(faces), WHOLE)
    upright, level = (longest(axes) for axes in figure.axes)
    assert abs(np.diff(upright[:, 1])) > 2 * abs(np.diff(upright[:, 0]))
    assert abs(np.diff(level[:, 0])) > 2 * abs(np.diff(level[:, 1]))
    assert 16 <= upright[:, 0].mean() <= 32
    assert len(lines(figure.axes[0])) == 72


def skimage_hog(faces):
    pytest.importorskip("skimage.feature", reason="needs requirements-baselines.txt")
    return hog.describe(faces, WHOLE)


def test_each_window_has_its_cells(faces):
    values = np.tile(np.arange(2592, dtype=np.float32), (2, 1))
    figure = drawing.sliding_hog(faces, NAMES, values, SLIDING)
    drawn = lines(figure.axes[2])
    assert len(drawn) == 2592
    middles = np.unique(drawn.mean(axis=1).round(6), axis=0)
    assert len(middles) == 18 * 18
    assert (middles.min(), middles.max()) == (0, 17)
    # The last window that holds a cell is the clipped one at the bottom right: 12 pixels, one cell.
    assert longest(figure.axes[2]).mean(axis=0).round(6).tolist() == [17, 17]


def test_landmarks_key_points_and_grid_are_drawn_where_they_are(faces):
    shapes = np.arange(2 * 136, dtype=np.float32).reshape(2, 136) % 48
    figure = drawing.landmarks(faces, NAMES, shapes)
    assert np.array_equal(figure.axes[1].lines[0].get_xydata(), shapes[1].reshape(68, 2))
    assert figure.get_suptitle() == "68 landmarks: 136 values"
    places = [np.array([[1.0, 2.0]]), np.empty((0, 2))]
    figure = drawing.key_points(faces, NAMES, places)
    assert figure.axes[0].lines[0].get_xydata().tolist() == [[1, 2]]
    assert [axes.get_title() for axes in figure.axes] == ["angry, 1", "happy, 0"]
    figure = drawing.grid(faces, NAMES, RawGrid(step=12, diameter=12.0))
    assert np.unique(figure.axes[0].lines[0].get_xdata()).tolist() == [0, 12, 24, 36]
    bins = np.array(figure.axes[0].collections[0].get_segments())
    assert (len(bins), bins.min(), bins.max()) == (10, -12, 60)
