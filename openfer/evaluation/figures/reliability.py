"""The picture of how well probabilities are calibrated."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from openfer.evaluation.calibration import calibration_error, reliability, scaled
from openfer.evaluation.ensemble import display_name
from openfer.evaluation.figures.palette import COLOURS

COLUMNS = 4
"""Diagrams beside each other."""

LARGEST = 120
"""Area in points² of the mark of a bin that holds all faces."""


def reliability_figure(
    probabilities: Mapping[str, np.ndarray], labels: np.ndarray, temperatures: Mapping[str, float]
) -> Figure:
    """Draw accuracy over confidence, one diagram per system: as predicted, and after temperature scaling.

    The area of a mark grows with the share of the faces that its bin holds.

    Args:
        probabilities: (n, 7) of each system.
        labels: (n,) true codes.
        temperatures: of each system.
    """
    rows = -(-len(probabilities) // COLUMNS)
    figure = Figure(figsize=(3 * COLUMNS, 3 * rows), layout="constrained")
    grid = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes, (name, values) in zip(grid, probabilities.items(), strict=False):
        axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
        _draw(axes, "predicted", values, labels, COLOURS[0], "o")
        _draw(axes, "scaled", scaled(values, temperatures[name]), labels, COLOURS[1], "s")
        axes.set(title=display_name(name), xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.set(xlabel="confidence", ylabel="accuracy")
        axes.legend(fontsize=7, loc="lower right")
    for axes in grid[len(probabilities) :]:
        axes.axis("off")
    return figure


def _draw(axes: Axes, label: str, probabilities: np.ndarray, labels: np.ndarray, color: str, marker: str) -> None:
    columns = ([one[key] for one in reliability(probabilities, labels)] for key in ("confidence", "accuracy", "count"))
    confidence, accuracy, counts = map(np.array, columns)
    label = f"{label}, error {calibration_error(probabilities, labels):.3f}"
    axes.plot(confidence, accuracy, color=color, linewidth=1, label=label)
    axes.scatter(confidence, accuracy, s=1 + LARGEST * counts / len(labels), color=color, marker=marker)
