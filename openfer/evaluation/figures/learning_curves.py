"""The picture of the learning curves."""

import itertools
from collections.abc import Callable, Mapping, Sequence

from matplotlib.figure import Figure

from openfer.evaluation.ensemble import display_name
from openfer.evaluation.figures.palette import COLOURS


def learning_curves(
    histories: Mapping[str, Sequence[Mapping[str, float]]], title: Callable[[str], str] = display_name
) -> Figure:
    """Draw accuracy by epoch, one colour a model: solid on PublicTest, dotted on the augmented Training faces.

    Args:
        histories: of each model, the rows that its training wrote; values may be numbers or their text.
        title: what a model is called.
    """
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for colour, (name, history) in zip(itertools.cycle(COLOURS), histories.items(), strict=False):
        epochs, public, training = (
            [float(row[key]) for row in history] for key in ("epoch", "public_accuracy", "train_accuracy")
        )
        axes.plot(epochs, public, color=colour, label=title(name))
        axes.plot(epochs, training, color=colour, linestyle=":")
    axes.set(xlabel="epoch", ylabel="accuracy", title="PublicTest (solid), Training with augmentation (dotted)")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure
