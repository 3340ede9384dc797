"""Who was seen in a video, and what they showed: small enough for films of hours."""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from openfer.emotions import EMOTIONS
from openfer.faces.predictor import Expression


class People:
    """What is known of everybody in a video, frame by frame.

    Attributes:
        seconds: when each frame was.
        frames: by person, the frames with that face.
        shares: by person, the seven probabilities in each of these frames, one after the other.
    """

    def __init__(self) -> None:
        self.seconds = array("d")
        self.frames: dict[int, array] = {}
        self.shares: dict[int, array] = {}

    def add(self, seconds: float, found: Sequence[tuple[int, Expression]]) -> None:
        """Add a frame: when it was, and number and expression of each person."""
        for person, expression in found:
            self.frames.setdefault(person, array("q")).append(len(self.seconds))
            self.shares.setdefault(person, array("f")).extend(expression.probabilities)
        self.seconds.append(seconds)

    def seen_longest(self, most: int) -> list[int]:
        """Return the numbers of those who are in most frames, in order, at most so many."""
        return sorted(sorted(self.frames, key=lambda person: -len(self.frames[person]))[:most])

    def over_time(self, person: int) -> np.ndarray:
        """Return the probabilities of a person, (7, frames), not a number where the face is out of sight."""
        shares = np.full((len(EMOTIONS), len(self.seconds)), np.nan)
        shares[:, self.frames[person]] = self._shares(person).T
        return shares

    def summary(self) -> list[dict[str, Any]]:
        """Return for each person when and how often it was seen, mean probabilities, and shares of emotions."""
        return [self._summary(person) for person in sorted(self.frames)]

    def _summary(self, person: int) -> dict[str, Any]:
        frames, shares = self.frames[person], self._shares(person)
        shown = np.bincount(shares.argmax(axis=1), minlength=len(EMOTIONS))
        return {
            "person": person,
            "first_seconds": round(self.seconds[frames[0]], 3),
            "last_seconds": round(self.seconds[frames[-1]], 3),
            "frames": len(frames),
            "emotion": EMOTIONS[int(shown.argmax())],
            "share_of_frames": _by_emotion(shown / len(frames)),
            "mean_probabilities": _by_emotion(shares.mean(axis=0)),
        }

    def _shares(self, person: int) -> np.ndarray:
        """Return the probabilities of a person, (frames with that face, 7)."""
        return np.frombuffer(self.shares[person], np.float32).reshape(-1, len(EMOTIONS)).astype(float)


def _by_emotion(values: np.ndarray) -> dict[str, float]:
    return dict(zip(EMOTIONS, values.round(4).tolist(), strict=True))
