"""The sheet of mistakes shows the surest ones first, and only mistakes."""

import numpy as np

from openfer.evaluation.figures.mistakes import mistakes_figure


def test_only_mistakes_are_shown_the_surest_first():
    probabilities = np.full((4, 7), 0.01)
    probabilities[[0, 1, 2, 3], [3, 3, 4, 4]] = [0.6, 0.9, 0.8, 0.7]
    labels = np.array([0, 3, 0, 6])
    images = np.arange(4, dtype=np.uint8)[:, None, None] * np.ones((48, 48), np.uint8)
    figure = mistakes_figure(images, labels, probabilities, "All")
    shown = [(axes.get_title(), int(axes.images[0].get_array().max())) for axes in figure.axes if axes.images]
    assert shown == [("sad (80%)\nangry", 2), ("sad (70%)\nneutral", 3), ("happy (60%)\nangry", 0)]
