"""Faces in a picture: find them, bring them where FER2013 has them, level the eyes, cut out what the networks see.

The margins are what the detector finds on FER2013's Training faces, in the median: `python -m docs.face_margins`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Protocol

import cv2
import numpy as np

from openfer.emotions import IMAGE_SIZE
from openfer.errors import Refused

BOX = (1.74, 0.82, 45.11)
"""Left, top and side in pixels on a FER2013 face of the square that has the middle and the area of YuNet's box."""

SMALLEST = 24
"""Pixels of the side of the smallest face that detectors look for by default: half of what the networks see."""

Box = tuple[float, float, float, float]
"""Left, top, width, height in pixels."""


@dataclass(frozen=True)
class Face:
    """A face in a picture; all places are x, y in pixels of that picture, whose first pixel reaches from 0 to 1.

    Attributes:
        box: left, top, width, height; may reach over the border.
        confidence: that it is a face, from 0 to 1; means what the detector means by it.
        eyes: (2, 2), the eye that is on the left when the face is upright, then the other; None where they are not
            known.
    """

    box: Box
    confidence: float
    eyes: np.ndarray | None = None

    def moved(self, scale: float, left: float = 0, top: float = 0) -> "Face":
        """Return the face in a picture of which this one is a part, reduced to `scale`, from (left, top) on."""
        x, y, width, height = (float(value / scale) for value in self.box)
        eyes = None if self.eyes is None else self.eyes / scale + (left, top)
        return replace(self, box=(x + left, y + top, width, height), eyes=eyes)


class DetectorError(Refused):
    """A detector cannot be made: what it needs is missing, or what is asked of it makes no sense."""


class Detector(Protocol):
    """Finds faces in pictures of any size; it decides at which sizes it looks."""

    def __call__(self, picture: np.ndarray) -> list[Face]:
        """Return the faces of a picture (height, width, 3) uint8 RGB, the surest first; often none."""

    def close(self) -> None:
        """Give back what it holds."""


def require_smallest(smallest: int, least: int) -> None:
    """Refuse what is no size of a face, or one that a detector cannot find.

    Raises:
        DetectorError: `smallest` is no whole number from `least` on.
    """
    if not isinstance(smallest, Integral) or isinstance(smallest, bool) or smallest < least:
        raise DetectorError(f"smallest must be a whole number of pixels, {least} or more. Received: {smallest!r}")


def cut_out(picture: np.ndarray, face: Face) -> np.ndarray:
    """Return a face as the networks know faces: (48, 48) uint8 grey, upright, with the margin of FER2013.

    Place and size come from the box, the tilt from the eyes (docs/detectors.md, "The crop").

    Args:
        picture: (height, width, 3) uint8 RGB.
        face: in that picture; what of it lies outside repeats the border.
    """
    part, move = reduced(picture, _to_crop(face), IMAGE_SIZE)
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    size = (IMAGE_SIZE, IMAGE_SIZE)
    return cv2.warpAffine(grey, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def reduced(picture: np.ndarray, move: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of a picture that a square shows, reduced to its size, and what takes that part to the square.

    Args:
        picture: (height, width, 3) uint8.
        move: (2, 3), the similarity that takes places in the picture to places in the square.
        side: pixels of the square.

    Returns:
        The part, averaged by area where it is reduced, and (2, 3) from its pixel centres to those of the square, as
        `cv2.warpAffine` takes it.
    """
    scale = float(np.sqrt(abs(np.linalg.det(move[:, :2]))))
    part, (left, top) = _part(picture, move, side, margin=2 / scale)
    small = resized(part, min(1.0, scale))  # so that a large face is averaged and not sampled
    factors = np.array(small.shape[1::-1]) / part.shape[1::-1]
    back = np.vstack([np.column_stack([np.diag(1 / factors), (left, top)]), (0, 0, 1)])
    move = move @ back
    move[:, 2] += move[:, :2] @ (0.5, 0.5) - 0.5
    return np.ascontiguousarray(small), move


def resized(picture: np.ndarray, scale: float) -> np.ndarray:
    """Return a picture, in colours or grey, at a scale: averaged by area where that is below 1; of a pixel at least."""
    if scale == 1:
        return picture
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def _to_crop(face: Face) -> np.ndarray:
    """Return (2, 3), the similarity that takes the box where FER2013 has it and the eyes on one level."""
    left, top, width, height = face.box
    # As complex numbers, z → a·z + b.
    a = BOX[2] / np.sqrt(width * height)
    if face.eyes is not None:
        tilt = complex(*(face.eyes[1] - face.eyes[0]))
        a = a * tilt.conjugate() / abs(tilt)
    b = complex(BOX[0] + BOX[2] / 2, BOX[1] + BOX[2] / 2) - a * complex(left + width / 2, top + height / 2)
    a = complex(a)
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def _part(picture: np.ndarray, move: np.ndarray, side: int, margin: float) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the part of the picture that a square shows, with a margin, and its left and top."""
    inverse = cv2.invertAffineTransform(move)
    corners = np.array([(x, y, 1) for x in (0, side) for y in (0, side)]) @ inverse.T
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
    return overlap(one, other) / max(1e-9, min(one[2] * one[3], other[2] * other[3]))


def overlap(one: Box, other: Box) -> float:
    """Return the area that two boxes have in common, in square pixels."""
    wide, tall = (
        max(0.0, min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - max(one[axis], other[axis]))
        for axis in (0, 1)
    )
    return wide * tall


def middle(box: Box) -> np.ndarray:
    """Return the middle of a box, (2,) x and y."""
    left, top, width, height = box
    return np.array((left + width / 2, top + height / 2))
