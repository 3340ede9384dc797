"""Learning curves and confusion matrices of all published systems, each on one sheet, from tables that Git keeps."""

import math
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from baselines import title
from openfer.emotions import EMOTIONS
from openfer.evaluation.figures.confusion import shaded
from openfer.evaluation.figures.palette import COLOURS

SEEN, MEASURED = COLOURS[1], COLOURS[0]
"""Of the accuracies on Training and on PublicTest."""

COLUMNS = 4
SIDE = 2.6
"""Inches of a panel."""

LETTERS = 34
"""Of a title in a line, so that it reaches into no other panel."""


def curves_sheet(histories: Mapping[str, Sequence[Mapping[str, float]]]) -> Figure:
    """Draw the accuracies of each network by epoch, one panel a network, all on one scale.

    Args:
        histories: by system, the rows that its training wrote; values may be numbers or their text.
    """
    figure, panels = _panels(list(histories), 0.75)
    for axes, history in zip(panels, histories.values(), strict=True):
        for key, colour in (("train_accuracy", SEEN), ("public_accuracy", MEASURED)):
            values = [100 * float(row[key]) for row in history]
            axes.plot(range(1, len(values) + 1), values, color=colour, marker="." if len(values) < 30 else "")
        axes.set_ylim(0, 100)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
    panels[0].legend(["Training as seen, %", "PublicTest, %"], fontsize=7)
    figure.supxlabel("epoch", fontsize=9)
    return figure


def confusion_sheet(counts: Mapping[str, np.ndarray], names: Sequence[str] = EMOTIONS) -> Figure:
    """Draw the confusion matrix of each system: shares in per cent of the faces of each true emotion.

    Args:
        counts: by system, (classes, classes) faces; rows are the true emotions.
        names: of the classes.
    """
    figure, panels = _panels(list(counts), 1.0)
    for number, (axes, matrix) in enumerate(zip(panels, counts.values(), strict=True)):
        shaded(axes, matrix, lambda share, _: f"{share * 100:.0f}", 6)
        first, last = number % COLUMNS == 0, number + COLUMNS >= len(panels)
        axes.set_xticks(range(len(names)), names if last else [], rotation=90, fontsize=7)
        axes.set_yticks(range(len(names)), names if first else [], fontsize=7)
    figure.supxlabel("answered", fontsize=9)
    figure.supylabel("true", fontsize=9)
    return figure


def _panels(systems: Sequence[str], height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with a panel for each system, of a height that is a share of its width."""
    lines = math.ceil(len(systems) / COLUMNS)
    figure = Figure(figsize=(COLUMNS * SIDE, lines * SIDE * height + 0.5), layout="constrained")
    panels = list(figure.subplots(lines, COLUMNS, squeeze=False).flat)
    for axes, name in zip(panels, systems, strict=False):
        axes.set_title(textwrap.fill(title(name), LETTERS), fontsize=8)
        axes.tick_params(labelsize=7)
    for axes in panels[len(systems) :]:
        axes.remove()
    return figure, panels[: len(systems)]
