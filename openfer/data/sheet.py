"""A sheet of sample pictures: one row an emotion."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from openfer.emotions import EMOTIONS

SAMPLES = 10


def draw_samples(images: np.ndarray, labels: np.ndarray, seed: int, emotions: Sequence[str] = EMOTIONS) -> Figure:
    """Draw up to ten images (48, 48) of each emotion, chosen at random from images (n, 48, 48) and labels (n,)."""
    generator = np.random.default_rng(seed)
    figure = Figure(figsize=(SAMPLES + 1, len(emotions)), dpi=100, layout="constrained")
    axes = figure.subplots(len(emotions), SAMPLES)
    for row, emotion, label in zip(axes, emotions, range(len(emotions)), strict=True):
        candidates = np.flatnonzero(labels == label)
        chosen = generator.permutation(candidates)[:SAMPLES]
        row[0].set_ylabel(f"{emotion}\n{candidates.size:,}", rotation=0, ha="right", va="center")
        for axis in row:
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        for axis, index in zip(row, chosen, strict=False):
            axis.imshow(images[index], cmap="gray", vmin=0, vmax=255)
    return figure
