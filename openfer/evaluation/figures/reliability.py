"""The picture of how well probabilities are calibrated."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from openfer.evaluation.calibration import calibration_error, reliability, scaled
from openfer.evaluation.ensemble import display_name


def reliability_figure(
    probabilities: Mapping[str, np.ndarray], labels: np.ndarray, temperatures: Mapping[str, float]
) -> Figure:
    """Draw accuracy over confidence, one diagram a system: as predicted, and after temperature scaling.

    Args:
        probabilities: (n, 7) of each system.
        labels: (n,) true codes.
        temperatures: of each system.
    """
    columns = 4
    figure = Figure(figsize=(3 * columns, 3 * -(-len(probabilities) // columns)), layout="constrained")
    grid = figure.subplots(-(-len(probabilities) // columns), columns, squeeze=False).ravel()
    for axes, (name, values) in zip(grid, probabilities.items(), strict=False):
        axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
        for label, shown in (("predicted", values), ("scaled", scaled(values, temperatures[name]))):
            rows = reliability(shown, labels)
            error = calibration_error(shown, labels)
            axes.plot(
                [row["confidence"] for row in rows],
                [row["accuracy"] for row in rows],
                marker="o",
                markersize=3,
                label=f"{label}, error {error:.3f}",
            )
        axes.set(
            title=display_name(name), xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="accuracy", aspect="equal"
        )
        axes.legend(fontsize=7, loc="upper left")
    for axes in grid[len(probabilities) :]:
        axes.axis("off")
    return figure
