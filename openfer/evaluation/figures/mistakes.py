"""The picture sheet of the most confident mistakes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from openfer.emotions import EMOTIONS

ROWS, COLUMNS = 4, 8


def mistakes_figure(
    images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, title: str, names: Sequence[str] = EMOTIONS
) -> Figure:
    """Draw the faces that were labelled wrongly with the highest probability, the surest first.

    Args:
        images: (n, 48, 48) grey values.
        labels: (n,) true codes.
        probabilities: (n, classes).
        title: above the sheet.
        names: of the classes.
    """
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    surest = wrong[np.argsort(-confidence[wrong], kind="stable")][: ROWS * COLUMNS]
    figure = Figure(figsize=(1.4 * COLUMNS, 1.9 * ROWS), layout="constrained")
    figure.suptitle(f"{title}: predicted (probability), true")
    grid = figure.subplots(ROWS, COLUMNS).ravel()
    for axes in grid:
        axes.axis("off")
    for axes, row in zip(grid, surest, strict=False):
        axes.imshow(images[row], cmap="gray", vmin=0, vmax=255)
        axes.set_title(f"{names[predicted[row]]} ({confidence[row]:.0%})\n{names[labels[row]]}", fontsize=8)
    return figure
