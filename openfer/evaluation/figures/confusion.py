"""The picture of a confusion matrix."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from openfer.emotions import EMOTIONS


def confusion_figure(counts: np.ndarray, title: str, names: Sequence[str] = EMOTIONS) -> Figure:
    """Draw a confusion matrix: colour and upper number are the share of the row, the lower number is the count."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.subplots()
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(picture, label="share of the true emotion")
    axes.set_xticks(range(len(names)), names, rotation=45)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted", ylabel="true", title=title)
    for row, column in np.ndindex(counts.shape):
        axes.text(
            column,
            row,
            f"{shares[row, column]:.0%}\n{counts[row, column]}",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if shares[row, column] > 0.5 else "black",
        )
    return figure
