"""The order in which the faces of a picture are numbered."""

from collections.abc import Iterable

from openfer.faces.predictor import Expression


def left_to_right(expressions: Iterable[Expression]) -> list[Expression]:
    """Return faces by where their middle is, from left to right; of those one above the other, the upper one first."""

    def middle(expression: Expression) -> tuple[float, float]:
        left, top, width, height = expression.face.box
        return left + width / 2, top + height / 2

    return sorted(expressions, key=middle)
