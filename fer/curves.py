"""The picture of the learning curves."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure


def learning_curves(histories: Mapping[str, Sequence[Mapping[str, float]]]) -> Figure:
    """Draw accuracy by epoch, one colour a model: solid on PublicTest, dotted on the augmented Training faces."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for index, (name, history) in enumerate(histories.items()):
        epochs = [row["epoch"] for row in history]
        axes.plot(epochs, [row["public_accuracy"] for row in history], color=f"C{index}", label=name)
        axes.plot(epochs, [row["train_accuracy"] for row in history], color=f"C{index}", linestyle=":")
    axes.set(xlabel="epoch", ylabel="accuracy", title="PublicTest (solid), Training with augmentation (dotted)")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure
