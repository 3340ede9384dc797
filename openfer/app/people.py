"""Who was seen in a video, and what they showed: small enough for films of hours."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from openfer.app import valence
from openfer.emotions import EMOTIONS
from openfer.faces.predictor import Expression


class People:
    """What is known of everybody in a video, frame by frame.

    Attributes:
        seconds: when each frame was.
        frames: by person, the frames with that face.
        shares: by person, the probabilities in each of these frames, one after the other.
        unsure: by person, whether the face is unsure in each of these frames.
        emotions: names of what the model tells apart.
    """

    def __init__(self, emotions: Sequence[str] = EMOTIONS) -> None:
        self.emotions = emotions
        self.seconds = array("d")
        self.frames: dict[int, array] = {}
        self.shares: dict[int, array] = {}
        self.unsure: dict[int, array] = {}

    def add(self, seconds: float, found: Sequence[tuple[int, Expression]]) -> None:
        """Add a frame: when it was, and number and expression of each person."""
        for person, expression in found:
            self.frames.setdefault(person, array("q")).append(len(self.seconds))
            self.shares.setdefault(person, array("f")).extend(expression.probabilities)
            self.unsure.setdefault(person, array("b")).append(expression.unsure)
        self.seconds.append(seconds)

    def seen_longest(self, most: int) -> list[int]:
        """Return the numbers of those who are in most frames, in order, at most so many."""
        return sorted(sorted(self.frames, key=lambda person: -len(self.frames[person]))[:most])

    def probabilities(self, person: int) -> np.ndarray:
        """Return the probabilities of a person, (frames with that face, classes)."""
        return np.frombuffer(self.shares[person], np.float32).reshape(-1, len(self.emotions)).astype(float)

    def edges(self) -> np.ndarray:
        """Return when each frame begins and the last one ends, (frames + 1,) seconds: a frame lasts until the next."""
        seconds = np.array(self.seconds)
        last = np.diff(seconds).mean() if len(seconds) > 1 else 0.0
        return np.append(seconds, seconds[-1:] + max(last, 1e-3))

    def summary(self, surprise: str | None = None) -> list[dict[str, Any]]:
        """Return a row for each person: when and in how many frames, the emotion of most frames, shares of the frames.

        Args:
            surprise: its valence, where valence is asked for, as in `records.record`.
        """
        return [self._summary(person, surprise) for person in sorted(self.frames)]

    def _summary(self, person: int, surprise: str | None) -> dict[str, Any]:
        frames, probabilities = self.frames[person], self.probabilities(person)
        counts = None
        if surprise:
            shares = valence.by_valence(probabilities.T, surprise, self.emotions)
            counts = _counts_of_frames(np.stack(list(shares.values()), axis=1))
        return summary_of(
            person,
            (self.seconds[frames[0]], self.seconds[frames[-1]]),
            float(np.mean(self.unsure[person])),
            dict(zip(self.emotions, _counts_of_frames(probabilities), strict=True)),
            counts and dict(zip(valence.VALENCES, counts, strict=True)),
        )


def summary_of(
    person: int,
    seconds: tuple[float, float],
    unsure: float,
    emotions: Mapping[str, int],
    valences: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return the row of a person.

    Args:
        person: the number.
        seconds: when the first and the last frame with that face are.
        unsure: share of these frames in which it is unsure.
        emotions: in how many of these frames each emotion is the most probable one, all of them in order.
        valences: likewise of each valence; None leaves valence out.
    """
    frames = sum(emotions.values())
    shares = {name: round(count / frames, 4) for name, count in emotions.items()}
    found = {
        "person": person,
        "first_seconds": round(seconds[0], 3),
        "last_seconds": round(seconds[1], 3),
        "frames": frames,
        "emotion": max(shares, key=shares.get),
        "unsure": round(unsure, 4),
    } | shares
    if valences:
        coarse = {name: round(count / frames, 4) for name, count in valences.items()}
        found |= dict(zip(valence.columns(), (max(coarse, key=coarse.get), *coarse.values()), strict=True))
    return found


def columns(surprise: str | None, emotions: Sequence[str] = EMOTIONS) -> tuple[str, ...]:
    """Return the columns of a person in a table.

    Args:
        surprise: as in `People.summary`.
        emotions: names of what the model tells apart.
    """
    when = ("person", "first_seconds", "last_seconds", "frames", "emotion", "unsure")
    return (*when, *emotions, *(valence.columns() if surprise else ()))


def _counts_of_frames(probabilities: np.ndarray) -> list[int]:
    """Return how often each column of (frames, n) is the largest, [n]."""
    return np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1]).tolist()
