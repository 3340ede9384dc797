"""Positive, neutral or negative: for those who want less than seven emotions, from a model that has them."""

from collections.abc import Sequence

from openfer.emotions import EMOTIONS
from openfer.errors import Refused

VALENCES = {
    "positive": ("happy",),
    "neutral": ("neutral",),
    "negative": ("angry", "disgust", "fear", "sad"),
}
"""Emotions of each valence; surprise, which may be any, is for the user to place."""


def require(emotions: Sequence[str]) -> None:
    """Refuse a model of which valence is not known.

    Args:
        emotions: names of what it tells apart: some of FER2013's seven, or valences themselves.

    Raises:
        Refused: there is another among them.
    """
    unknown = [name for name in emotions if name not in EMOTIONS and name not in VALENCES]
    if unknown:
        raise Refused(f"the model says {', '.join(unknown)}, of which no valence is known: leave --valence out")


def columns() -> tuple[str, ...]:
    """Return the columns of valence in a table."""
    return ("valence", *(f"valence {name}" for name in VALENCES))


def by_valence(probabilities: Sequence[float], surprise: str, emotions: Sequence[str] = EMOTIONS) -> dict[str, float]:
    """Return the probability of each valence.

    Args:
        probabilities: (classes,), or (classes, …) for many at once.
        surprise: the valence of surprise.
        emotions: names of the classes, as `require` takes them.
    """
    none = 0 * probabilities[0]
    by_name = dict.fromkeys((*EMOTIONS, *VALENCES), none) | dict(zip(emotions, probabilities, strict=True))
    return {
        valence: sum(by_name[name] for name in dict.fromkeys((valence, *names)))
        + (by_name["surprise"] if valence == surprise else none)
        for valence, names in VALENCES.items()
    }
