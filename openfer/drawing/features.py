"""What a feature sees of a face, drawn on the face: landmarks, gradients in cells, key points, a grid."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from openfer.descriptors.dsift import BIN
from openfer.descriptors.hog import windows
from openfer.descriptors.raw_dsift import places
from openfer.descriptors.settings import Hog, RawGrid, SlidingHog
from openfer.emotions import IMAGE_SIZE
from openfer.evaluation.figures.palette import COLOURS

ORANGE, BLUE = COLOURS[1], COLOURS[5]
"""Told apart from grey, and from each other, with every kind of colour vision."""

PARTS = ((0, 17), (17, 22), (22, 27), (27, 31), (31, 36), (36, 42), (42, 48), (48, 60), (60, 68))
"""First landmark and the one behind the last of jaw, brows, nose, eyes and lips."""

CLOSED = 36
"""Parts from this landmark on, eyes and lips, end where they begin."""


def chosen(labels: np.ndarray, among: np.ndarray, seed: int) -> np.ndarray:
    """Choose one face of each emotion.

    Args:
        labels: (n,) codes of emotions.
        among: (n,) bool, the faces to choose from.
        seed: of the choice.

    Returns:
        (k,) rows, in the order of the emotions; an emotion without a face is left out.
    """
    generator = np.random.default_rng(seed)
    candidates = [np.flatnonzero(among & (labels == label)) for label in np.unique(labels)]
    return np.array([generator.choice(rows) for rows in candidates if rows.size])


def landmarks(faces: np.ndarray, names: Sequence[str], shapes: np.ndarray) -> Figure:
    """Draw landmarks, joined part by part.

    Args:
        faces: (k, 48, 48) uint8.
        names: (k,) above each face.
        shapes: (k, 136), x and y in pixels of each landmark in turn.
    """
    figure, (row,) = _sheet(faces, names, f"{shapes.shape[1] // 2} landmarks: {shapes.shape[1]} values")
    for axes, shape in zip(row, shapes.reshape(len(faces), -1, 2), strict=True):
        lines = [shape[[*range(start, end), *([start] if start >= CLOSED else [])]] for start, end in PARTS]
        axes.add_collection(LineCollection(lines, colors=BLUE, linewidths=1))
        axes.plot(*shape.T, ".", color=ORANGE, markersize=3)
        axes.set(xlim=(-0.5, IMAGE_SIZE + 0.5), ylim=(IMAGE_SIZE + 0.5, -0.5))
    return figure


def hog(faces: np.ndarray, names: Sequence[str], values: np.ndarray, settings: Hog) -> Figure:
    """Draw the edges that the histograms of the whole face count.

    Args:
        faces: (k, 48, 48) uint8.
        names: (k,) above each face.
        values: (k, d), as `hog.describe` returns them.
        settings: by which it did.
    """
    cell = settings.cell
    figure, (row,) = _sheet(faces, names, f"HOG, cells of {cell} pixels: {values.shape[1]} values")
    count = IMAGE_SIZE // cell
    centres = np.array([(x, y) for y in range(count) for x in range(count)]) * cell + (cell - 1) / 2
    for axes, face in zip(row, values, strict=True):
        for at in range(cell, count * cell, cell):
            axes.axhline(at - 0.5, color=BLUE, linewidth=0.8)
            axes.axvline(at - 0.5, color=BLUE, linewidth=0.8)
        axes.add_collection(_edges(face.reshape(len(centres), -1), centres, cell))
    return figure


def sliding_hog(faces: np.ndarray, names: Sequence[str], values: np.ndarray, settings: SlidingHog) -> Figure:
    """Draw the edges in the cells of each window, all windows spread out below the face.

    Args:
        faces: (k, 48, 48) uint8.
        names: (k,) above each face.
        values: (k, d), as `hog.describe_windows` returns them.
        settings: by which it did.
    """
    shown = [[(span.stop - span.start) // settings.cell for span in window] for window in windows(settings)]
    title = f"HOG of {len(shown)} windows of {settings.window} pixels, clipped at the border"
    figure, (_, row) = _sheet(faces, names, f"{title}: {values.shape[1]:,} values", rows=2)
    along = int(len(shown) ** 0.5)
    starts = np.concatenate([[0], np.cumsum([high for high, _ in shown[::along]])])
    centres = [
        (starts[place % along] + x, starts[place // along] + y)
        for place, (high, wide) in enumerate(shown)
        for y in range(high)
        for x in range(wide)
    ]
    for axes, face in zip(row, values, strict=True):
        for at in starts:
            axes.plot([-0.5, starts[-1] - 0.5], [at - 0.5] * 2, color=BLUE, linewidth=0.5)
            axes.plot([at - 0.5] * 2, [-0.5, starts[-1] - 0.5], color=BLUE, linewidth=0.5)
        axes.set_facecolor("black")
        axes.add_collection(_edges(face.reshape(len(centres), -1), np.array(centres), 1))
        axes.set(xlim=(-0.6, starts[-1] - 0.4), ylim=(starts[-1] - 0.4, -0.6), aspect="equal")
    return figure


def key_points(faces: np.ndarray, names: Sequence[str], places: Sequence[np.ndarray]) -> Figure:
    """Draw where key points are.

    Args:
        faces: (k, 48, 48) uint8.
        names: (k,) above each face.
        places: k times (m, 2), x and y in pixels.
    """
    names = [f"{name}, {len(points)}" for name, points in zip(names, places, strict=True)]
    figure, (row,) = _sheet(faces, names, "SIFT key points, and how many")
    for axes, points in zip(row, places, strict=True):
        axes.plot(*points.T, "o", markerfacecolor="none", markeredgecolor=ORANGE, markersize=7)
    return figure


def grid(faces: np.ndarray, names: Sequence[str], settings: RawGrid) -> Figure:
    """Draw the points of a grid, and the 4 × 4 bins of one.

    Args:
        faces: (k, 48, 48) uint8.
        names: (k,) above each face.
        settings: of the grid.
    """
    along, wide = places(settings), BIN * settings.diameter
    shown = along[len(along) // 2]
    title = f"dense SIFT: {len(along)} × {len(along)} points {settings.step} pixels apart"
    figure, (row,) = _sheet(faces, names, f"{title}, each with 4 × 4 bins of {wide:g} pixels; those of one are drawn")
    low, high = shown - 2 * wide, shown + 2 * wide
    cuts = np.linspace(low, high, 5)
    bars = [[(at, low), (at, high)] for at in cuts] + [[(low, at), (high, at)] for at in cuts]
    for axes in row:
        axes.add_collection(LineCollection(bars, colors=BLUE, linewidths=1.2))
        axes.plot(*np.array([(x, y) for y in along for x in along]).T, "o", color=ORANGE, markersize=4)
        first, last = min(low, 0) - 1, max(high, IMAGE_SIZE) + 1
        axes.set(xlim=(first, last), ylim=(last, first))
    return figure


def _edges(histograms: np.ndarray, centres: np.ndarray, cell: float) -> LineCollection:
    """Return a line for each direction of each cell, across the gradient that is counted, as long as its share.

    Args:
        histograms: (c, orientations) of c cells.
        centres: (c, 2) their middles, x and y.
        cell: side of a cell.
    """
    count = histograms.shape[1]
    angles = np.pi * (np.arange(count) + 0.5) / count
    across = np.stack([-np.sin(angles), np.cos(angles)], axis=1)
    longest = max(histograms.max(), np.finfo(np.float32).tiny)
    reaches = (histograms / longest * cell / 2)[:, :, np.newaxis] * across
    middles = centres[:, np.newaxis]
    lines = np.stack([middles - reaches, middles + reaches], axis=2).reshape(-1, 2, 2)
    return LineCollection(lines, colors=ORANGE, linewidths=1 if cell > 1 else 0.7)


def _sheet(faces: np.ndarray, names: Sequence[str], title: str, rows: int = 1) -> tuple[Figure, np.ndarray]:
    """Return a figure with the faces in its first row, and its axes, (rows, k)."""
    figure = Figure(figsize=(2 * len(faces), 2.1 * rows + 0.5), layout="constrained")
    figure.suptitle(title)
    grid: np.ndarray = figure.subplots(rows, len(faces), squeeze=False)
    for axes in grid.ravel():
        _bare(axes)
    for axes, face, name in zip(grid[0], faces, names, strict=True):
        axes.imshow(face, cmap="gray", vmin=0, vmax=255)
        axes.set_title(name, fontsize=9)
    return figure, grid


def _bare(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
