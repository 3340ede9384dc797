"""Positive, neutral or negative: for those who want less than seven emotions."""

from collections.abc import Sequence

from openfer.emotions import EMOTIONS

VALENCES = {
    "positive": ("happy",),
    "neutral": ("neutral",),
    "negative": ("angry", "disgust", "fear", "sad"),
}
"""Emotions of each valence; surprise, which may be any, is for the user to place."""


def columns() -> tuple[str, ...]:
    """Return the columns of valence in a table."""
    return ("valence", *(f"valence {name}" for name in VALENCES))


def by_valence(probabilities: Sequence[float], surprise: str) -> dict[str, float]:
    """Return the probability of each valence.

    Args:
        probabilities: (7,) in the order of `EMOTIONS`, or (7, …) for many at once.
        surprise: the valence of surprise.
    """
    by_name = dict(zip(EMOTIONS, probabilities, strict=True))
    return {
        valence: sum(by_name[name] for name in names) + (by_name["surprise"] if valence == surprise else 0)
        for valence, names in VALENCES.items()
    }
