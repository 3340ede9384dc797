"""Faces in a picture: find them, bring the eyes where FER2013 has them, cut out what the networks see.

The margins are what these detectors find on FER2013's Training faces, in the median: `python -m docs.face_margins`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from openfer.emotions import IMAGE_SIZE

EYES = np.array([(15.2, 19.1), (33.1, 19.0)])
"""Where FER2013 has the eyes, left and right in the picture, x and y in pixels."""

HAAR_BOX = (1.0, 0.75, 46.25)
"""Left, top and side in pixels of the box that OpenCV's cascade draws on a FER2013 face."""

Box = tuple[float, float, float, float]
"""Left, top, width, height in pixels."""

LONGEST = 1280
"""Pixels of the longer side to which larger pictures are reduced for the search."""


@dataclass(frozen=True)
class Face:
    """A face in a picture; all places are x, y in pixels of that picture, whose first pixel reaches from 0 to 1.

    Attributes:
        box: left, top, width, height; may reach over the border.
        confidence: that it is a face, from 0 to 1; means what the detector means by it.
        eyes: (2, 2), the eye on the left of the picture and the one on the right; None where they are not known.
    """

    box: Box
    confidence: float
    eyes: np.ndarray | None = None

    def moved(self, scale: float, left: float = 0, top: float = 0) -> "Face":
        """Return the face in a picture of which this one is a part, reduced to `scale`, from (left, top) on."""
        x, y, width, height = (value / scale for value in self.box)
        eyes = None if self.eyes is None else self.eyes / scale + (left, top)
        return replace(self, box=(x + left, y + top, width, height), eyes=eyes)


class Detector(Protocol):
    """Finds faces."""

    def __call__(self, picture: np.ndarray) -> list[Face]:
        """Return the faces of a picture (height, width, 3) uint8 RGB, the surest first; often none."""

    def close(self) -> None:
        """Give back what it holds."""


def find(picture: np.ndarray, detector: Detector) -> list[Face]:
    """Return the faces of a picture of any size, searched at a size of at most `LONGEST` pixels.

    Args:
        picture: (height, width, 3) uint8, RGB.
        detector: what finds them.
    """
    scale = min(1.0, LONGEST / max(picture.shape[:2]))
    if scale < 1:
        height, width = picture.shape[:2]
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return [face.moved(scale) for face in detector(picture)]


def cut_out(picture: np.ndarray, face: Face) -> np.ndarray:
    """Return a face as the networks know faces: (48, 48) uint8 grey, upright, with the margin of FER2013.

    Args:
        picture: (height, width, 3) uint8 RGB.
        face: in that picture; what of it lies outside repeats the border.
    """
    to_crop = _to_crop(face)
    scale = float(np.sqrt(abs(np.linalg.det(to_crop[:, :2]))))
    part, (left, top) = _part(picture, to_crop, margin=2 / scale)
    shrink = min(1.0, scale)
    if shrink < 1:  # by area, so that a large face is averaged and not sampled
        size = max(1, round(part.shape[1] * shrink)), max(1, round(part.shape[0] * shrink))
        factors = size[0] / part.shape[1], size[1] / part.shape[0]
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    else:
        factors = 1.0, 1.0
    # From the shrunk part back to the picture (pixel centres stay centres), then on to the crop.
    back = np.array([[1 / factors[0], 0, 0], [0, 1 / factors[1], 0], [0, 0, 1]])
    back[:2, 2] = (left + 0.5 / factors[0] - 0.5, top + 0.5 / factors[1] - 0.5)
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    size = (IMAGE_SIZE, IMAGE_SIZE)
    return cv2.warpAffine(grey, to_crop @ back, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _to_crop(face: Face) -> np.ndarray:
    """Return (2, 3), from pixel centres of the picture to those of the crop, as OpenCV counts them."""
    to_crop = _by_eyes(face.eyes) if face.eyes is not None else _by_box(face.box)
    to_crop[:, 2] += to_crop[:, :2] @ (0.5, 0.5) - 0.5
    return to_crop


def _by_eyes(eyes: np.ndarray) -> np.ndarray:
    """Return (2, 3), the similarity that takes both eyes where FER2013 has them."""
    # As complex numbers, z → a·z + b.
    (left, right), (left_there, right_there) = (places @ (1, 1j) for places in (eyes, EYES))
    a = (right_there - left_there) / (right - left)
    b = left_there - a * left
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def _by_box(box: Box) -> np.ndarray:
    """Return (2, 3), which takes a box of OpenCV's cascade where FER2013 has it."""
    left, top, width, height = box
    scale = HAAR_BOX[2] / np.sqrt(width * height)
    middle = HAAR_BOX[0] + HAAR_BOX[2] / 2, HAAR_BOX[1] + HAAR_BOX[2] / 2
    x, y = left + width / 2, top + height / 2
    return np.array([[scale, 0, middle[0] - scale * x], [0, scale, middle[1] - scale * y]])


def _part(picture: np.ndarray, to_crop: np.ndarray, margin: float) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the part of the picture that the crop shows, with a margin, and its left and top."""
    inverse = cv2.invertAffineTransform(to_crop)
    corners = np.array([(x, y, 1) for x in (0, IMAGE_SIZE) for y in (0, IMAGE_SIZE)]) @ inverse.T
    low, high = np.floor(corners.min(axis=0) - margin), np.ceil(corners.max(axis=0) + margin)
    left, top = np.clip(low, 0, (picture.shape[1] - 1, picture.shape[0] - 1)).astype(int)
    right, bottom = np.clip(high, (left + 1, top + 1), (picture.shape[1], picture.shape[0])).astype(int)
    return picture[top:bottom, left:right], (left, top)


def without_doubles(faces: Sequence[Face], share: float = 0.5) -> list[Face]:
    """Return the faces, the surest first, without those that cover a surer one.

    Args:
        faces: of one picture, found in several passes.
        share: of the smaller box that two boxes of the same face have in common at least.
    """
    surest: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.confidence):
        if all(common(face.box, other.box) < share for other in surest):
            surest.append(face)
    return surest


def common(one: Box, other: Box) -> float:
    """Return the share of the smaller of two boxes that the other covers."""
    sides = [
        max(0.0, min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - max(one[axis], other[axis]))
        for axis in (0, 1)
    ]
    return sides[0] * sides[1] / max(1e-9, min(one[2] * one[3], other[2] * other[3]))
