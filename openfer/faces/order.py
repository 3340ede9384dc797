"""The order in which the faces of a picture are numbered."""

from collections.abc import Iterable

from openfer.faces.alignment import middle
from openfer.faces.predictor import Expression


def left_to_right(expressions: Iterable[Expression]) -> list[Expression]:
    """Return faces by where their middle is, from left to right; of those one above the other, the upper one first."""
    return sorted(expressions, key=lambda expression: middle(expression.face.box).tolist())
