"""Emotions of people over the time of a film, drawn: a lane a person."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from openfer.app.people import People
from openfer.app.valence import by_valence
from openfer.drawing.palette import colours

MOST_PEOPLE = 12
"""People that a timeline shows, those seen longest."""

COLUMNS = 600
"""Pieces into which a film is cut where it has more frames: each shows what most of its frames show."""

HATCH = "////"
"""Over the lighter colour of what is unsure."""


def timeline(people: People, title: str = "", surprise: str | None = None) -> Figure:
    """Draw the emotion of each person over time; it is lighter and hatched where it is unsure.

    Args:
        people: who was seen, and when.
        title: such as the name of the film.
        surprise: its valence; then each person has a second lane, probability of positive less that of negative.
    """
    shown = people.seen_longest(MOST_PEOPLE)
    lanes = 2 if surprise else 1
    figure = Figure(figsize=(10, 1.4 + 0.5 * lanes * max(1, len(shown))), layout="constrained")
    axes = figure.subplots()
    some = f" ({len(shown)} of {len(people.frames)} people)" if len(people.frames) > len(shown) else ""
    axes.set_title(title + some, parse_math=False)
    axes.set_xlabel("seconds")
    names, kinds = [], set()
    for person in shown:
        kinds |= _draw_emotions(axes, people, person, len(names))
        names.append(f"person {person}")
        if surprise:
            _draw_valence(axes, people, person, len(names), surprise)
            names.append("valence − … +")
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_ylim(max(1, len(names)) - 0.5, -0.5)
    if people.seconds:
        axes.set_xlim(people.seconds[0], people.edges()[-1])
    if shown:
        figure.legend(handles=list(_legend(people, kinds)), loc="outside right upper", frameon=False)
    else:
        axes.text(0.5, 0.5, "no face", transform=axes.transAxes, ha="center", va="center")
    return figure


def segments(people: People, person: int) -> Iterator[tuple[float, float, int, bool]]:
    """Yield (start, end, emotion, unsure) of each stretch of time in which a person shows the same; seconds.

    Args:
        people: who was seen, and when.
        person: the number.
    """
    edges = people.edges()
    size = -(-len(people.seconds) // COLUMNS)
    kinds = 2 * people.probabilities(person).argmax(axis=1) + np.array(people.unsure[person])
    counts = np.zeros((-(-len(people.seconds) // size), 2 * len(people.emotions)), int)
    np.add.at(counts, (np.array(people.frames[person]) // size, kinds), 1)
    shown = np.where(counts.any(axis=1), counts.argmax(axis=1), -1)
    starts = np.flatnonzero(np.diff(shown, prepend=-2))
    for start, end in zip(starts, [*starts[1:], len(shown)], strict=True):
        if shown[start] >= 0:
            emotion, unsure = divmod(int(shown[start]), 2)
            yield float(edges[start * size]), float(edges[min(end * size, len(edges) - 1)]), emotion, bool(unsure)


def _draw_emotions(axes: Axes, people: People, person: int, row: int) -> set[tuple[int, bool]]:
    """Draw the lane of a person; return the (emotion, unsure) that it shows."""
    spans: dict[tuple[int, bool], list[tuple[float, float]]] = {}
    for start, end, emotion, unsure in segments(people, person):
        spans.setdefault((emotion, unsure), []).append((start, end - start))
    for kind, places in spans.items():
        axes.broken_barh(places, (row - 0.36, 0.72), **_look(_shade(people, kind[0]), kind[1]))
    return set(spans)


def _shade(people: People, emotion: int) -> np.ndarray:
    """Return the colour of an emotion as Matplotlib takes it."""
    return np.array(colours(tuple(people.emotions))[people.emotions[emotion]]) / 255


def _look(shade: np.ndarray, unsure: bool) -> dict[str, object]:
    """Return how a stretch is drawn; the lines of the hatch have the colour of the edge."""
    if not unsure:
        return {"facecolor": shade, "linewidth": 0}
    return {"facecolor": 0.35 * shade + 0.65, "edgecolor": shade, "hatch": HATCH, "linewidth": 0}


def _draw_valence(axes: Axes, people: People, person: int, row: int, surprise: str) -> None:
    """Draw the probability of positive less that of negative, from -1 below to 1 above; gaps where out of sight."""
    shares = by_valence(people.probabilities(person).T, surprise, people.emotions)
    values = np.full(len(people.seconds), np.nan)
    values[people.frames[person]] = shares["positive"] - shares["negative"]
    axes.axhline(row, color="0.8", linewidth=0.8)
    # A frame lasts until the next one, so that a face of a single frame is seen, too; downwards is more.
    axes.stairs(row - 0.4 * values, people.edges(), baseline=None, color="0.25", linewidth=1.2)


def _legend(people: People, kinds: set[tuple[int, bool]]) -> Iterator[Patch]:
    for emotion in sorted({emotion for emotion, _ in kinds}):
        yield Patch(label=people.emotions[emotion], **_look(_shade(people, emotion), False))
    if any(unsure for _, unsure in kinds):
        yield Patch(label="unsure", facecolor="0.9", edgecolor="0.5", hatch=HATCH, linewidth=0)
