"""The reliability diagram has a panel a system, with the error before and after scaling."""

import numpy as np

from openfer.evaluation.calibration import calibration_error, scaled
from openfer.evaluation.figures.reliability import reliability_figure


def test_a_panel_a_system_with_its_two_errors():
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
