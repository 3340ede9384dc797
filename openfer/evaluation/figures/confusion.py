"""The picture of a confusion matrix."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from openfer.emotions import EMOTIONS

DARK = 0.71
"""Share from which on the blue of a cell is so dark that white is easier to read on it than black."""


def confusion_figure(counts: np.ndarray, title: str, names: Sequence[str] = EMOTIONS) -> Figure:
    """Draw a confusion matrix: colour and upper number are the share of the row, the lower number is the count."""
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.subplots()
    picture = shaded(axes, counts, lambda share, count: f"{share:.0%}\n{count}", 8)
    figure.colorbar(picture, label="share of the true emotion")
    axes.set_xticks(range(len(names)), names, rotation=45)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted", ylabel="true", title=title)
    return figure


def shaded(axes: Axes, counts: np.ndarray, told: Callable[[float, int], str], size: float) -> AxesImage:
    """Draw the cells of a confusion matrix: the share of the row as the colour, and a text.

    Args:
        axes: to draw in.
        counts: (classes, classes) faces; rows are the true emotions.
        told: share and count of a cell → its text.
        size: of the text, in points.

    Returns:
        The colours, for a colour bar.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for (row, column), share in np.ndenumerate(shares):
        text, colour = told(share, counts[row, column]), "white" if share > DARK else "black"
        axes.text(column, row, text, ha="center", va="center", fontsize=size, color=colour)
    return axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
