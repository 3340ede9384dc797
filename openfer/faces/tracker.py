"""Who is who from frame to frame: IoU with a motion model and the Hungarian method, as in SORT (Bewley et al. 2016)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from openfer.faces.alignment import Box, middle, overlap
from openfer.faces.predictor import Expression

SHORTEST = 0.3
"""Seconds for which a face must have been seen to be a person: finds of a few frames are no faces."""


@dataclass(eq=False)
class Person:
    """Someone in a video.

    Attributes:
        last: what was seen last, smoothed.
        seconds: when.
        number: from 1 on, in the order in which people are confirmed; None for a face that was seen too shortly.
        seen: seconds for which the face was seen, all in all.
        speed: (2,), of the middle of the face, in pixels a second.
        whole: the last box that was not partly hidden, and when it was seen.
        area: of such boxes, averaged over `STEADIES`.
    """

    last: Expression
    seconds: float
    number: int | None = None
    seen: float = 0.0
    speed: np.ndarray = field(default_factory=lambda: np.zeros(2))
    whole: tuple[Box, float] | None = None
    area: float = 0.0

    COASTS = 2.0
    """Seconds in which the speed of somebody out of sight falls to a third: nobody walks straight on for ever."""

    CHANGES = 1.0
    """Seconds after which a smaller face is no longer taken for a hidden one: it has gone further away."""

    STEADIES = 0.2
    """Seconds over which the speed is averaged: detectors tremble."""

    HIDDEN = 0.87
    """Share of the area of a face below which it is taken for partly hidden: what is left of it moves otherwise."""

    def expected(self, seconds: float) -> Box:
        """Return the box in which the face should be by now."""
        (left, top, width, height), before = self.whole or (self.last.face.box, self.seconds)
        x, y = self.speed * self.COASTS * -np.expm1((before - seconds) / self.COASTS)
        return left + x, top + y, width, height

    def move(self, found: Expression, seconds: float) -> None:
        """Note where the face is now; frames may come at the same time."""
        box, before = self.whole or (found.face.box, seconds)
        passed = seconds - before
        area = found.face.box[2] * found.face.box[3]
        if passed > self.CHANGES or area >= self.HIDDEN * self.area:
            if passed > 0:
                way, newer = middle(found.face.box) - middle(box), -np.expm1(-passed / self.STEADIES)
                self.speed += newer * (way / passed - self.speed)
                self.area += newer * (area - self.area)
            self.whole, self.area = (found.face.box, seconds), self.area or area
        self.last, self.seconds = found, seconds


class Tracker:
    """Follows people, numbers them, and smooths what their faces show."""

    LEAST = 0.3
    """IoU of where a face was expected and where one is found that makes them the same person's."""

    WIDER = 0.5
    """Share of their size by which boxes are enlarged for those whom the first look has not found: they have been out
    of sight, or jumped (buffered IoU, Yang et al. 2023)."""

    def __init__(self, gap: float = 1.0, smoothing: float = 0.0, step: float = 1 / 30) -> None:
        """Start without people.

        Args:
            gap: seconds that a face may be out of sight and keep its number.
            smoothing: time constant in seconds of a moving average of the probabilities; 0 leaves them as they are.
            step: seconds that the first frame stands for; each other one stands for the time since the one before.
        """
        self.gap, self.smoothing, self.step = gap, smoothing, step
        self.people: list[Person] = []
        self.count, self.before = 0, None

    def update(self, expressions: Sequence[Expression], seconds: float) -> list[tuple[Person, Expression]]:
        """Return who each face of a frame belongs to, with the smoothed expression.

        A `Person` has no number until it has been seen for `SHORTEST` seconds; the object stays the same.

        Args:
            expressions: the faces of the frame.
            seconds: when; frames come in order.
        """
        step = self.step if self.before is None else seconds - self.before
        out_of_sight = [p for p in self.people if seconds - p.seconds > max(step, self.gap if p.number else SHORTEST)]
        self.people = [person for person in self.people if person not in out_of_sight]
        known = self._matched(expressions, seconds)
        self.before = seconds
        found = []
        for place, expression in enumerate(expressions):
            person = known.get(place)
            if person is None:
                person = Person(expression, seconds)
                self.people.append(person)
            person.move(self._smoothed(person, expression, seconds), seconds)
            person.seen += step
            if person.seen >= SHORTEST:
                self.confirm(person)
            found.append((person, person.last))
        return found

    def confirm(self, person: Person) -> None:
        """Give a person the next number where there is none yet."""
        if person.number is None:
            self.count += 1
            person.number = self.count

    def _matched(self, expressions: Sequence[Expression], seconds: float) -> dict[int, Person]:
        """Return the known person of each face that is one's.

        Those with a number come before those who have none yet, and those of the last frame before others.
        """
        matched: dict[int, Person] = {}
        just_seen = [person for person in self.people if person.seconds == self.before]
        for people, wider in (
            (numbered(just_seen), 0.0),
            (numbered(just_seen), self.WIDER),
            (numbered(self.people), self.WIDER),
            (just_seen, 0.0),
            (self.people, self.WIDER),
        ):
            waiting = [person for person in people if person not in matched.values()]
            places = [place for place in range(len(expressions)) if place not in matched]
            shares = np.array(
                [
                    [iou(_enlarged(person.expected(seconds), wider), _enlarged(box, wider)) for person in waiting]
                    for box in (expressions[place].face.box for place in places)
                ]
            ).reshape(len(places), len(waiting))
            shares[shares < self.LEAST] = 0  # no sum of small overlaps outweighs a large one
            for row, column in zip(*linear_sum_assignment(shares, maximize=True), strict=True):
                if shares[row, column]:
                    matched[places[row]] = waiting[column]
        return matched

    def _smoothed(self, person: Person, expression: Expression, seconds: float) -> Expression:
        if not self.smoothing:
            return expression
        before = np.exp(-(seconds - person.seconds) / self.smoothing)
        return replace(
            expression, probabilities=before * person.last.probabilities + (1 - before) * expression.probabilities
        )


def numbered(people: Sequence[Person]) -> list[Person]:
    """Return those who have a number."""
    return [person for person in people if person.number]


def iou(one: Box, other: Box) -> float:
    """Return the intersection of two boxes over their union."""
    common = overlap(one, other)
    return common / max(1e-9, one[2] * one[3] + other[2] * other[3] - common)


def _enlarged(box: Box, share: float) -> Box:
    """Return a box that is larger by a share of its size, around the same middle."""
    left, top, width, height = box
    return left - share / 2 * width, top - share / 2 * height, (1 + share) * width, (1 + share) * height
