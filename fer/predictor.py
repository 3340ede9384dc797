"""Picture → faces → probabilities: what every front end uses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer.bundle import Bundle
from fer.emotions import EMOTIONS, IMAGE_SIZE
from fer.faces import Detector, Face, cut_out, find
from fer.views import BOTH, View


@dataclass(frozen=True)
class Expression:
    """What a face shows.

    Attributes:
        face: where it is.
        probabilities: (7,) in the order of `EMOTIONS`; they sum to 1.
        unsure_below: the probability that the most probable emotion needs to be relied on.
    """

    face: Face
    probabilities: np.ndarray
    unsure_below: float

    @property
    def emotion(self) -> str:
        """The most probable emotion."""
        return EMOTIONS[int(self.probabilities.argmax())]

    @property
    def unsure(self) -> bool:
        """Whether the most probable emotion is too improbable to be relied on."""
        return bool(self.probabilities.max() < self.unsure_below)


class Predictor:
    """Finds faces and says what they show."""

    def __init__(self, bundle: Bundle, detector: Detector, views: Sequence[View] = BOTH) -> None:
        """Join a model and a detector.

        Args:
            bundle: the model.
            detector: finds the faces.
            views: of each face that are averaged.
        """
        self.bundle, self.detector, self.views = bundle, detector, views

    def __call__(self, pictures: Sequence[np.ndarray]) -> list[list[Expression]]:
        """Return the faces of each picture with what they show; all faces go through the network together.

        Args:
            pictures: (height, width, 3) uint8 RGB each, of any sizes.
        """
        return self.judge(pictures, [find(picture, self.detector) for picture in pictures])

    def judge(self, pictures: Sequence[np.ndarray], faces: Sequence[Sequence[Face]]) -> list[list[Expression]]:
        """Return what faces show that are known already, picture by picture."""
        crops = [cut_out(picture, face) for picture, own in zip(pictures, faces, strict=True) for face in own]
        probabilities = iter(
            self.bundle.predict(np.reshape(crops, (-1, IMAGE_SIZE, IMAGE_SIZE)).astype(np.uint8), self.views)
        )
        return [[self._expression(face, next(probabilities)) for face in own] for own in faces]

    def judge_crops(self, crops: np.ndarray) -> list[Expression]:
        """Return what pictures show that are faces already, cut out as FER2013 has them.

        Args:
            crops: (n, 48, 48) uint8 grey.
        """
        side = crops.shape[1]
        whole = Face((0, 0, side, side), 1.0)
        return [self._expression(whole, row) for row in self.bundle.predict(crops, self.views)]

    def _expression(self, face: Face, probabilities: np.ndarray) -> Expression:
        return Expression(face, probabilities, self.bundle.facts["unsure_below"])
