"""OpenCV's cascade, the detector of old, for who asks for it."""

import threading
from pathlib import Path

import cv2
import numpy as np

from openfer.faces.alignment import SMALLEST, DetectorError, Face, require_smallest, resized, without_doubles


class Haar:
    """OpenCV's cascade of Haar features (Viola & Jones 2001): in every OpenCV 4 wheel, upright frontal faces only."""

    STEP, NEIGHBOURS = 1.15, 3
    """From one size of faces to the next, and overlapping finds that make a face (docs/experiments.md)."""

    WINDOW, SEARCHED = 20, 40
    """Pixels of the smallest face that the cascade knows, and of that to which `smallest` is reduced in a search."""

    def __init__(self, smallest: int = SMALLEST) -> None:
        """Load the cascades.

        Args:
            smallest: side in pixels of the smallest face.

        Raises:
            DetectorError: the smallest face has less than `WINDOW` pixels, or this OpenCV has no cascades.
        """
        require_smallest(smallest, self.WINDOW)
        self.smallest = smallest
        self.lock = threading.Lock()  # the cascades keep the picture that they search
        self.face = _cascade("haarcascade_frontalface_alt2.xml")
        self.eye = _cascade("haarcascade_eye_tree_eyeglasses.xml")

    def __call__(self, picture: np.ndarray) -> list[Face]:
        """Return the faces of a picture (height, width, 3) uint8 RGB, the surest first.

        The confidence is the weight of the cascade's last stage, w, as w / (w + 1); it hardly tells faces from others.
        """
        scale = min(1.0, self.SEARCHED / self.smallest)
        grey = resized(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), scale)
        least = (round(self.smallest * scale),) * 2
        with self.lock:
            boxes, _, weights = self.face.detectMultiScale3(
                grey, self.STEP, self.NEIGHBOURS, minSize=least, outputRejectLevels=True
            )
            faces = [
                Face(tuple(map(float, box)), float(max(weight, 0) / (max(weight, 0) + 1)), self._eyes(grey, box))
                for box, weight in zip(boxes, np.ravel(weights), strict=True)
            ]
        return [face.moved(scale) for face in without_doubles(faces)]

    def close(self) -> None:
        """Nothing is left open."""

    def _eyes(self, grey: np.ndarray, box: np.ndarray) -> np.ndarray | None:
        """Look for one eye in each upper quarter of the face; None unless there is one in both, about level."""
        left, top, side, _ = box
        scale = 160 / side
        face = cv2.resize(grey[top : top + side, left : left + side], (160, 160), interpolation=cv2.INTER_AREA)
        eyes = []
        for start in (10, 75):
            found = self.eye.detectMultiScale(face[30:95, start : start + 75], 1.1, 3, minSize=(22, 22))
            if not len(found):
                return None
            x, y, width, height = max(found, key=lambda eye: eye[2])
            eyes.append((start + x + width / 2, 30 + y + height / 2))
        (x_left, y_left), (x_right, y_right) = eyes
        if x_right - x_left < 40 or abs(y_right - y_left) > 0.4 * (x_right - x_left):
            return None
        return np.array(eyes) / scale + (left, top)


def _cascade(name: str) -> cv2.CascadeClassifier:
    cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / name))
    if cascade.empty():
        raise DetectorError(f"OpenCV {cv2.__version__} lacks {name}: install the version in requirements.txt")
    return cascade
