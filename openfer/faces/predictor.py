"""Picture → faces → probabilities: what every front end uses."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from openfer.emotions import EMOTIONS, IMAGE_SIZE
from openfer.export.model_folder import ExportedModel
from openfer.faces.alignment import Detector, Face, cut_out
from openfer.faces.pictures import require_rgb
from openfer.prediction.crops import BOTH, Crop

LEAST_CONTRAST = 16.3
"""Standard deviation of the grey values that all but a thousandth of FER2013's faces have (docs/face_margins.py)."""


@dataclass(frozen=True)
class Expression:
    """What a face shows.

    Attributes:
        face: where it is.
        probabilities: of each of the emotions, (classes,); they sum to 1.
        unsure_below: the probability that the most probable emotion needs to be relied on.
        contrast: standard deviation of the face's grey values.
        emotions: names of what the model tells apart.
    """

    face: Face
    probabilities: np.ndarray
    unsure_below: float
    contrast: float
    emotions: tuple[str, ...] = EMOTIONS

    @property
    def emotion(self) -> str:
        """The most probable emotion."""
        return self.emotions[int(self.probabilities.argmax())]

    @property
    def shares(self) -> dict[str, float]:
        """The probability of each emotion by its name."""
        return dict(zip(self.emotions, map(float, self.probabilities), strict=True))

    @property
    def unsure(self) -> bool:
        """Whether the most probable emotion is not to be relied on: too improbable, or of a face too dark or pale."""
        return bool(self.probabilities.max() < self.unsure_below or self.contrast < LEAST_CONTRAST)

    @property
    def reliable(self) -> bool:
        """Whether it is taken for a face: it has eyes, or the expression is one to be relied on."""
        return self.face.eyes is not None or not self.unsure


class Predictor:
    """Finds faces and predicts what they show."""

    def __init__(
        self,
        model: ExportedModel,
        detector: Detector,
        crops: Sequence[Crop] = BOTH,
        prior: float | None = None,
        all_faces: bool = False,
    ) -> None:
        """Join a model and a detector.

        Args:
            model: predicts what they show.
            detector: finds the faces.
            crops: of each face that are averaged.
            prior: how much the frequency of the emotions counts where the model learned, as in `ExportedModel.predict`.
            all_faces: keep the faces without eyes whose expression is unsure; most are a sleeve or a leaf.
        """
        self.model, self.detector, self.crops, self.prior, self.all_faces = model, detector, crops, prior, all_faces

    def __call__(self, pictures: Sequence[np.ndarray]) -> list[list[Expression]]:
        """Return the faces of each picture with what they show; all faces go through the network together.

        A face without eyes whose expression is unsure is left out, unless all faces are asked for.

        Args:
            pictures: (height, width, 3) uint8 RGB each, of any sizes.

        Raises:
            PictureError: an array is of another shape or type.
        """
        for picture in pictures:
            require_rgb(picture)
        found = self.predict(pictures, [self.detector(picture) for picture in pictures])
        return [[one for one in faces if self.all_faces or one.reliable] for faces in found]

    def predict(self, pictures: Sequence[np.ndarray], faces: Sequence[Sequence[Face]]) -> list[list[Expression]]:
        """Return what faces show that were found already, picture by picture, none left out."""
        pairs = [(picture, face) for picture, found in zip(pictures, faces, strict=True) for face in found]
        expressions = iter(self._predict([cut_out(*pair) for pair in pairs], [face for _, face in pairs]))
        return [[next(expressions) for _ in found] for found in faces]

    def predict_crops(self, pictures: Sequence[np.ndarray]) -> list[Expression]:
        """Return what pictures show that are faces already, cut out as FER2013 has them; the face is the whole picture.

        Args:
            pictures: (height, width, 3) uint8 RGB each, of any sizes.
        """
        faces = [Face((0, 0, picture.shape[1], picture.shape[0]), 1.0) for picture in pictures]
        return self._predict([_as_crop(picture) for picture in pictures], faces)

    def _predict(self, crops: Sequence[np.ndarray], faces: Sequence[Face]) -> list[Expression]:
        together = np.reshape(crops, (-1, IMAGE_SIZE, IMAGE_SIZE)).astype(np.uint8)
        threshold, contrasts = self.model.facts["unsure_below"], together.std(axis=(1, 2)).tolist()
        columns = zip(faces, self.model.predict(together, self.crops, self.prior), contrasts, strict=True)
        names = self.model.emotions
        return [Expression(face, shares, threshold, contrast, names) for face, shares, contrast in columns]


def _as_crop(picture: np.ndarray) -> np.ndarray:
    """Return a picture (height, width, 3) uint8 RGB as (48, 48) uint8 grey."""
    return cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_AREA)
