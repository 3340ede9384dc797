"""The picture of the authors' figures beside those of the same systems on the official split, by protocol."""

from collections.abc import Collection, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from baselines import System
from baselines.table import rows
from openfer.evaluation.figures.palette import COLOURS

OURS, THEIRS = COLOURS[0], COLOURS[3]
INCH = 0.26
"""Height of a row."""


def gap_figure(scores: Mapping[str, Any], unfinished: Collection[str] = ()) -> Figure:
    """Draw a row for each system whose authors report a figure: theirs, ours with its interval, and the gap.

    Rows stand below the protocol of their authors' figure, which explains the gap: figures of rows at random, of five
    emotions or of the split that chose the epoch are no figures of PrivateTest.

    Args:
        scores: "systems" of the evaluation of PrivateTest.
        unfinished: systems that more epochs may make better, which explains a gap, too; drawn hollow.
    """
    groups: dict[str, dict[str, System]] = {}
    for name, system in rows().items():
        if system.reported is not None and name in scores:
            groups.setdefault(system.protocol, {})[name] = system
    count = sum(len(group) + 1 for group in groups.values())
    figure = Figure(figsize=(9.5, 1.3 + INCH * count), layout="constrained")
    axes = figure.subplots()
    line, ticks = 0, {}
    for protocol, group in groups.items():
        axes.text(0.0, line, f" {protocol}:", transform=axes.get_yaxis_transform(), va="center", weight="bold", size=8)
        for place, (name, system) in enumerate(group.items(), start=line + 1):
            _row(axes, place, system, scores[name], name in unfinished)
            ticks[place] = system.title
        line += len(group) + 1
    axes.set_yticks(list(ticks), list(ticks.values()), fontsize=8)
    axes.set_ylim(line - 0.5, -0.7)
    axes.set(xlabel="accuracy in per cent", title="Published figures, and the same systems on PrivateTest")
    axes.grid(axis="x", alpha=0.3)
    axes.plot([], [], "D", color=THEIRS, markerfacecolor="white", label="the authors' figure, on their protocol")
    axes.plot([], [], "o-", color=OURS, label="here: PrivateTest, with its 95 % interval")
    axes.plot([], [], "o-", color=OURS, markerfacecolor="white", label="here, with fewer epochs than it may need")
    figure.legend(loc="outside lower center", ncols=3, fontsize=8)
    return figure


def _row(axes: Axes, place: int, system: System, scores: Mapping[str, Any], hollow: bool) -> None:
    ours = 100 * scores["accuracy"]
    axes.plot([system.reported, ours], [place, place], color="grey", linewidth=0.8, zorder=1)
    axes.plot([100 * scores["low"], 100 * scores["high"]], [place, place], color=OURS, linewidth=2.5, zorder=2)
    axes.plot(ours, place, "o", color=OURS, markerfacecolor="white" if hollow else OURS, zorder=3)
    axes.plot(system.reported, place, "D", color=THEIRS, markerfacecolor="white", zorder=3)
