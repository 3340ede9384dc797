"""The reliability diagram has a panel per system, with the error before and after scaling."""

import numpy as np
import pytest

from openfer.evaluation.calibration import calibration_error, scaled
from openfer.evaluation.figures.reliability import reliability_figure


def test_a_panel_per_system_with_its_two_errors():
    rng = np.random.default_rng(0)
    values = rng.dirichlet(np.ones(7), 200)
    labels = rng.integers(0, 7, 200)
    figure = reliability_figure({"cnn": values, "vgg": values}, labels, {"cnn": 1.5, "vgg": 2.0})
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert [axes.get_title() for axes in panels] == ["CNN", "VGG"]
    for panel, degrees in zip(panels, (1.5, 2.0), strict=True):
        legend = [text.get_text() for text in panel.get_legend().get_texts()]
        assert legend[0].endswith(f"error {calibration_error(values, labels):.3f}")
        assert legend[1].endswith(f"error {calibration_error(scaled(values, degrees), labels):.3f}")


def test_a_mark_grows_with_the_faces_of_its_bin():
    values = np.zeros((10, 7))
    values[:, 0], values[:, 1] = 0.9, 0.1
    values[0, :2] = 0.5, 0.5
    (axes,) = [one for one in reliability_figure({"cnn": values}, np.zeros(10, int), {"cnn": 1.0}).axes if one.lines]
    sizes = axes.collections[0].get_sizes()
    assert sizes[1] == pytest.approx(1 + 9 * (sizes[0] - 1))
