"""Charts of expressions."""

import numpy as np
from matplotlib.figure import Figure

from openfer.drawing.palette import COLOURS
from openfer.emotions import EMOTIONS
from openfer.faces.predictor import Expression

SHADES = [np.array(COLOURS[emotion]) / 255 for emotion in EMOTIONS]
"""Colours of the emotions, in their order, as Matplotlib takes them."""


def bar_chart(expression: Expression) -> Figure:
    """Draw the seven probabilities of a face."""
    figure = Figure(figsize=(5, 2.8), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(EMOTIONS, expression.probabilities, color=SHADES)
    axes.bar_label(bars, [f"{share:.0%}" for share in expression.probabilities], padding=3)
    axes.invert_yaxis()
    axes.set(xlim=(0, 1.12), xlabel="probability", title="unsure" if expression.unsure else expression.emotion)
    return figure
