"""The eyes of a face that was found: one look of BlazeFace at each, since a detector's own points hardly follow a tilt.

Bazarevsky et al. 2019, arXiv:1907.05047, the short-range network; where its weights come from: weights/README.md.
"""

import threading
from pathlib import Path

import cv2
import numpy as np

from openfer.faces.alignment import Box, reduced

WEIGHTS = Path(__file__).with_name("weights") / "blaze_face_short_range.tflite"

SIDE = 128
"""Pixels of the square that the network sees."""

AROUND = 2.0
"""Side of the square that is looked at, in sides of the face's box."""

OFF_CENTRE = 0.25
"""How far from the middle of the square, in sides of it, the middle of the face may be; others are other people's."""


class Eyes:
    """Finds the eyes of faces, however they are turned. May be called from several threads."""

    LEAST, SURE, AHEAD = 0.6, 0.75, 0.1
    """Confidence from which there is a face at all; below which it is looked at again, turned by quarters; by which one
    of those has to be ahead of an upright look. 99 % of the PublicTest faces that are found have eyes by these."""

    LEVEL = 45
    """Degrees of tilt to which the network is true; turned further, faces are looked at again."""

    def __init__(self) -> None:
        """Load the weights."""
        self.network = cv2.dnn.readNetFromTFLite(np.frombuffer(WEIGHTS.read_bytes(), np.uint8))
        self.outputs = self.network.getUnconnectedOutLayersNames()
        self.anchors = _anchors()
        self.lock = threading.Lock()  # a network keeps its last input

    def __call__(self, picture: np.ndarray, box: Box) -> np.ndarray | None:
        """Return the eyes of a face, or None where the network sees no face with both eyes inside the box.

        Args:
            picture: (height, width, 3) uint8 RGB.
            box: of the face: left, top, width, height.

        Returns:
            (2, 2) x and y in pixels of the picture, of the eye that is on the left when the face is upright, then of
            the other.
        """
        confidence, level, eyes = self._look(picture, box, quarters=0)
        if confidence < self.SURE or not level:
            turned, _, others = max(
                (self._look(picture, box, quarters) for quarters in (1, 2, 3)), key=lambda look: look[0]
            )
            if turned > confidence + self.AHEAD * level:
                confidence, eyes = turned, others
        left, top, width, height = box
        inside = ((left, top) < eyes) & (eyes < (left + width, top + height))
        return eyes if confidence >= self.LEAST and inside.all() else None

    def _look(self, picture: np.ndarray, box: Box, quarters: int) -> tuple[float, bool, np.ndarray]:
        """Return the confidence, whether the eyes are about level, and the eyes, of a face seen turned by quarters."""
        left, top, width, height = box
        scale = SIDE / AROUND / float(np.sqrt(width * height))
        turn = scale * np.linalg.matrix_power(np.array([[0, -1], [1, 0]]), quarters)
        move = np.column_stack([turn, SIDE / 2 - turn @ (left + width / 2, top + height / 2)])
        with self.lock:
            blob = cv2.dnn.blobFromImage(_square(picture, move), 1 / 127.5, mean=[127.5] * 3)
            self.network.setInput(blob)
            values, logits = sorted(self.network.forward(self.outputs), key=np.size, reverse=True)
            values, logits = values.reshape(-1, 16).astype(float), logits.ravel().astype(float)
        near = np.abs(values[:, :2] / SIDE + self.anchors - 0.5).max(axis=1) <= OFF_CENTRE
        surest = int(np.where(near, logits, -np.inf).argmax())
        points = values[surest, 4:8].reshape(2, 2) + self.anchors[surest] * SIDE
        tilt = np.degrees(np.arctan2(*(points[1] - points[0])[::-1]))
        confidence = 1 / (1 + np.exp(-np.clip(logits[surest], -100, 100))) if near[surest] else 0.0
        return float(confidence), bool(abs(tilt) <= self.LEVEL), (points - move[:, 2]) @ np.linalg.inv(turn).T


def _anchors() -> np.ndarray:
    """Return (896, 2), the middles of the cells that the network answers for: two a cell of 8 pixels, six of 16."""
    grids = []
    for stride, times in ((8, 2), (16, 6)):
        y, x = np.mgrid[: SIDE // stride, : SIDE // stride] + 0.5
        grids.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1) * stride / SIDE, times, axis=0))
    return np.concatenate(grids)


def _square(picture: np.ndarray, move: np.ndarray) -> np.ndarray:
    """Return (128, 128, 3), what a similarity takes to the square; what lies outside the picture is black."""
    part, move = reduced(picture, move, SIDE)
    return cv2.warpAffine(part, move, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
