"""Who was seen in a video, and what they showed: small enough for films of hours."""

from array import array
from collections.abc import Sequence
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
        found = {
            "person": person,
            "first_seconds": round(self.seconds[frames[0]], 3),
            "last_seconds": round(self.seconds[frames[-1]], 3),
            "frames": len(frames),
        }
        emotions = _shares_of_frames(probabilities)
        found["emotion"] = self.emotions[int(emotions.argmax())]
        found["unsure"] = round(float(np.mean(self.unsure[person])), 4)
        found |= dict(zip(self.emotions, emotions.tolist(), strict=True))
        if surprise:
            shares = valence.by_valence(probabilities.T, surprise, self.emotions)
            coarse = _shares_of_frames(np.stack(list(shares.values()), axis=1))
            names = list(valence.VALENCES)[int(coarse.argmax())], *coarse.tolist()
            found |= dict(zip(valence.columns(), names, strict=True))
        return found


def columns(surprise: str | None, emotions: Sequence[str] = EMOTIONS) -> tuple[str, ...]:
    """Return the columns of a person in a table.

    Args:
        surprise: as in `People.summary`.
        emotions: names of what the model tells apart.
    """
    when = ("person", "first_seconds", "last_seconds", "frames", "emotion", "unsure")
    return (*when, *emotions, *(valence.columns() if surprise else ()))


def _shares_of_frames(probabilities: np.ndarray) -> np.ndarray:
    """Return how often each column of (frames, n) is the largest, as shares of the frames, (n,)."""
    counts = np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1])
    return (counts / len(probabilities)).round(4)
