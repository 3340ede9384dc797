"""The picture of the learning curves."""

import itertools
from collections.abc import Callable, Mapping, Sequence

from matplotlib.figure import Figure

from openfer.evaluation.ensemble import display_name
from openfer.evaluation.figures.palette import COLOURS


def learning_curves(
    histories: Mapping[str, Sequence[Mapping[str, float]]],
    called: Callable[[str], str] = display_name,
    seen: str = "Training with augmentation",
) -> Figure:
    """Draw accuracy by epoch, one colour a model: solid on PublicTest, dotted on the Training faces as they were seen.

    Args:
        histories: of each model, the rows that its training wrote; values may be numbers or their text.
        called: what a model is called.
        seen: what the networks were trained on.
    """
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for colour, (name, history) in zip(itertools.cycle(COLOURS), histories.items(), strict=False):
        epochs, public, training = (
            [float(row[key]) for row in history] for key in ("epoch", "public_accuracy", "train_accuracy")
        )
        axes.plot(epochs, public, color=colour, label=called(name))
        axes.plot(epochs, training, color=colour, linestyle=":")
    axes.set(xlabel="epoch", ylabel="accuracy", title=f"PublicTest (solid), {seen} (dotted)")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure
