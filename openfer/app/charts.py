"""Charts of expressions."""

import numpy as np
from matplotlib.figure import Figure

from openfer.app.drawing import COLOURS
from openfer.app.people import People
from openfer.emotions import EMOTIONS
from openfer.faces.predictor import Expression

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


def timeline(people: People) -> Figure:
    """Draw the probabilities of each person over time, stacked; where a face is out of sight there is a gap."""
    shown, seconds = people.seen_longest(MOST_PEOPLE), np.array(people.seconds)
    figure = Figure(figsize=(9, 1 + 2 * max(1, len(shown))), layout="constrained")
    grid = figure.subplots(max(1, len(shown)), 1, sharex=True, squeeze=False)[:, 0]
    grid[-1].set_xlabel("seconds")
    if not shown:
        grid[0].set_title("no face")
        return figure
    # A frame lasts until the next one, so that a face of a single frame is seen, too.
    last = max(np.diff(seconds).mean(), 1e-3) if len(seconds) > 1 else 1e-3
    edges = np.column_stack([seconds, np.append(seconds[1:], seconds[-1] + last)]).ravel()
    for axes, person in zip(grid, shown, strict=True):
        axes.stackplot(edges, people.over_time(person).repeat(2, axis=1), labels=EMOTIONS, colors=_COLOURS)
        axes.set(ylim=(0, 1), ylabel=f"#{person}", xlim=(edges[0], edges[-1]))
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside right upper")
    return figure
