"""Charts of expressions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from app.drawing import COLOURS
from fer.emotions import EMOTIONS
from fer.predictor import Expression

_COLOURS = [np.array(COLOURS[emotion]) / 255 for emotion in EMOTIONS]

MOST_PEOPLE = 6
"""People that a timeline shows, those seen longest."""


def bar_chart(expression: Expression) -> Figure:
    """Draw the seven probabilities of a face."""
    figure = Figure(figsize=(5, 2.8), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(EMOTIONS, expression.probabilities, color=_COLOURS)
    axes.bar_label(bars, [f"{share:.0%}" for share in expression.probabilities], padding=3)
    axes.invert_yaxis()
    axes.set(xlim=(0, 1.12), xlabel="probability", title="unsure" if expression.unsure else expression.emotion)
    return figure


def timeline(frames: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw the probabilities of each person over time, stacked; where a face is out of sight there is a gap.

    Args:
        frames: with "seconds" and "faces", each with "person" and "probabilities".
    """
    seconds = np.array([frame["seconds"] for frame in frames])
    seen = [face["person"] for frame in frames for face in frame["faces"]]
    people = sorted(sorted(set(seen), key=seen.count, reverse=True)[:MOST_PEOPLE])
    figure = Figure(figsize=(9, 1 + 2 * max(1, len(people))), layout="constrained")
    grid = figure.subplots(max(1, len(people)), 1, sharex=True, squeeze=False)[:, 0]
    grid[-1].set_xlabel("seconds")
    for axes, person in zip(grid, people, strict=False):
        shares = np.full((len(EMOTIONS), len(frames)), np.nan)
        for column, frame in enumerate(frames):
            for face in frame["faces"]:
                if face["person"] == person:
                    shares[:, column] = [face["probabilities"][emotion] for emotion in EMOTIONS]
        axes.stackplot(seconds, shares, labels=EMOTIONS, colors=_COLOURS)
        axes.set(ylim=(0, 1), ylabel=f"#{person}", xlim=(seconds.min(), max(seconds.max(), seconds.min() + 1e-3)))
    if people:
        figure.legend(*grid[0].get_legend_handles_labels(), loc="outside right upper")
    else:
        grid[0].set_title("no face")
    return figure
