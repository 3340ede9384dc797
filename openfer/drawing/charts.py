"""Charts of expressions."""

from PIL import Image, ImageDraw

from openfer.drawing.lettering import bars, bars_size, font, label, shortened
from openfer.drawing.palette import INK, PAPER
from openfer.faces.predictor import Expression

LETTERS = 18
"""Pixels of the letters of a chart."""


def bar_chart(expression: Expression, name: str) -> Image.Image:
    """Draw the probabilities of a face.

    Args:
        expression: of the face.
        name: of the face, such as that of its file and its number; the title.

    Returns:
        the chart, RGB, 350 × 248 pixels for seven emotions.
    """
    wide, tall = bars_size(LETTERS, len(expression.emotions))
    pad = LETTERS // 2
    chart = Image.new("RGB", (wide + 2 * LETTERS, tall + 4 * LETTERS), PAPER)
    draw = ImageDraw.Draw(chart)
    said = f"{label(expression)}{' · unsure' if expression.unsure else ''}"
    draw.text((pad, pad), shortened(name, LETTERS, chart.width - 2 * pad), INK, font(LETTERS, name))
    draw.text((pad, pad + 1.4 * LETTERS), said, INK, font(LETTERS, said))
    bars(draw, (pad, pad + 3 * LETTERS), expression, LETTERS, INK)
    return chart
