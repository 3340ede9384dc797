"""Who is who from frame to frame: faces that overlap are the same person, who keeps one number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from openfer.faces.alignment import common
from openfer.faces.predictor import Expression


@dataclass(eq=False)
class Person:
    """Someone in a video: the number, and what was seen last, and when."""

    number: int
    last: Expression
    seconds: float


class Tracker:
    """Numbers people, from 1 on in the order of their appearance, and smooths what their faces show."""

    OVERLAP = 0.3
    """Share of the smaller of two boxes, in frames after each other, that makes them the same person's."""

    def __init__(self, gap: float = 1.0, smoothing: float = 0.0) -> None:
        """Start without people.

        Args:
            gap: seconds that a face may be out of sight and keep its number.
            smoothing: time constant in seconds of a moving average of the probabilities; 0 leaves them as they are.
        """
        self.gap, self.smoothing = gap, smoothing
        self.people: list[Person] = []
        self.count = 0

    def update(self, expressions: Sequence[Expression], seconds: float) -> list[tuple[int, Expression]]:
        """Return the number of each person of a frame, with the smoothed expression.

        Args:
            expressions: the faces of the frame.
            seconds: when; frames come in order.
        """
        self.people = [person for person in self.people if seconds - person.seconds <= self.gap]
        known = self._matched(expressions)
        seen = []
        for place, expression in enumerate(expressions):
            person = known.get(place)
            if person is None:
                self.count += 1
                person = Person(self.count, expression, seconds)
                self.people.append(person)
            person.last, person.seconds = self._smoothed(person, expression, seconds), seconds
            seen.append((person.number, person.last))
        return seen

    def _matched(self, expressions: Sequence[Expression]) -> dict[int, Person]:
        """Return the known person of each face that overlaps one, the largest overlaps first."""
        pairs = [
            (common(person.last.face.box, expression.face.box), place, person)
            for place, expression in enumerate(expressions)
            for person in self.people
        ]
        found: dict[int, Person] = {}
        for overlap, place, person in sorted(pairs, key=lambda pair: -pair[0]):
            if overlap >= self.OVERLAP and place not in found and person not in found.values():
                found[place] = person
        return found

    def _smoothed(self, person: Person, expression: Expression, seconds: float) -> Expression:
        if not self.smoothing:
            return expression
        before = np.exp(-(seconds - person.seconds) / self.smoothing)
        return replace(
            expression, probabilities=before * person.last.probabilities + (1 - before) * expression.probabilities
        )
