"""Emotions of people over the time of a film, drawn."""

import numpy as np
from matplotlib.figure import Figure

from openfer.app.people import People
from openfer.drawing.charts import SHADES
from openfer.emotions import EMOTIONS

MOST_PEOPLE = 6
"""People that a timeline shows, those seen longest."""


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
        axes.stackplot(edges, people.over_time(person).repeat(2, axis=1), labels=EMOTIONS, colors=SHADES)
        axes.set(ylim=(0, 1), ylabel=f"#{person}", xlim=(edges[0], edges[-1]))
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside right upper")
    return figure
