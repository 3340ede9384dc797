"""YuNet (Wu et al. 2023, doi 10.1007/s11633-023-1423-y) by OpenCV: looks at several sizes, then eyes face by face.

Where its weights come from: weights/README.md; what it finds and how fast: docs/detectors.md.
"""

import itertools
import math
import threading
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from openfer.faces.alignment import SMALLEST, Box, Face, middle, reduced, require_smallest, resized, without_doubles
from openfer.faces.eyes import Eyes

WEIGHTS = Path(__file__).with_name("weights") / "face_detection_yunet_2023mar.onnx"

SURE, HINT = 24, 12
"""Pixels of the smallest face that YuNet finds for certain, and of the smallest at which it shows where one may be."""

WHOLE = (320, 640)
"""Pixels of the longer side in the look at the whole picture: it finds faces that fill it."""

TILE, OVERLAP = 512, 64
"""Pixels of the squares in which smaller faces are looked for, and how much of a square the next one repeats."""

PIECE, SHARED = 1536, 160
"""Pixels of the squares in which a larger look is done, since the network takes 75 bytes a pixel, and how much of a
square the next one repeats: more than a face has that the look at the whole picture does not find."""

UPRIGHT = 192
"""Pixels of the square, of three times its side, in which a tilted face is looked at upright."""

LEAST_SIDE = 64
"""Pixels: narrower pictures are padded; below 32 YuNet's answers are infinite."""


class YuNet:
    """Finds faces of any size from `smallest` on, upright or tilted. May be called from several threads.

    1. A look at the whole picture, reduced, finds large faces.
    2. A look at the picture at a size at which the smallest face has 12 pixels shows where small ones may be.
    3. There, and nowhere else, squares are looked at in which the smallest face has 24.
    4. Where nothing is found, the picture is turned by 90°, 270° and 180°.
    """

    LEAST = 0.7
    """Confidence of a face (docs/detectors.md)."""

    LEAST_TURNED = 0.8
    """The same in pictures that were turned, where three looks more would find things that are no face."""

    LEVEL = 20
    """Degrees of tilt up to which the box of a look at the tilted face is right."""

    LEAST_HINT = 0.02
    """Confidence from which it is worth looking closer."""

    def __init__(self, smallest: int = SMALLEST) -> None:
        """Load the weights.

        Args:
            smallest: side in pixels of the smallest face; half of it takes up to four times as long.

        Raises:
            DetectorError: the smallest face is smaller than 12 pixels.
        """
        require_smallest(smallest, HINT)
        self.smallest, self.eyes = smallest, Eyes()
        weights, no_text = np.frombuffer(WEIGHTS.read_bytes(), np.uint8), np.zeros(0, np.uint8)
        self.network = cv2.FaceDetectorYN.create("onnx", weights, no_text, (320, 320), self.LEAST_HINT, 0.3, 5000)
        self.lock = threading.Lock()  # the size of its input is the network's state

    def __call__(self, picture: np.ndarray) -> list[Face]:
        """Return the faces of a picture (height, width, 3) uint8 RGB, the surest first.

        A face without eyes is one in which BlazeFace, looking closer, sees none.
        """
        faces = self._upright(picture) or self._turned(picture)
        return [self._upright_box(picture, replace(face, eyes=self.eyes(picture, face.box))) for face in faces]

    def close(self) -> None:
        """Nothing is left open."""

    def _upright(self, picture: np.ndarray) -> list[Face]:
        """Return the faces of the picture as it is, without eyes."""
        longest = max(picture.shape[:2])
        whole = self._whole(longest)
        hint = min(1.0, HINT / self.smallest)
        found, base = [], picture
        if hint > 1.2 * whole:
            base = resized(picture, hint)
            found += [face.moved(hint) for face in self._pieces(base)]
        found += [face.moved(whole) for face in self._look(resized(base, whole / (base.shape[1] / picture.shape[1])))]
        faces = [face for face in found if face.confidence >= self.LEAST]
        if SURE / self.smallest > 1.2 * whole:
            faces += self._closer(picture, without_doubles(found))
        return [face for face in without_doubles(faces) if _side(face) >= 0.8 * self.smallest]

    def _pieces(self, picture: np.ndarray) -> list[Face]:
        """Return the faces of a picture, looked at piece by piece."""
        lefts, tops = (_starts(length, PIECE, SHARED) for length in picture.shape[1::-1])
        faces = []
        for left, top in itertools.product(lefts, tops):
            part = picture[top : top + PIECE, left : left + PIECE]
            whole = [face for face in self._look(part) if _whole_in(face, part.shape, (left, top), picture.shape)]
            faces += [face.moved(1, left, top) for face in whole]
        return faces

    def _whole(self, longest: int) -> float:
        """Return the scale of the look at the whole picture."""
        return min(1.0, float(np.clip(SURE / self.smallest * longest, *WHOLE)) / longest)

    def _closer(self, picture: np.ndarray, found: list[Face]) -> list[Face]:
        """Return the faces of the squares in which small faces may be."""
        scale, faces = SURE / self.smallest, []
        size = TILE / scale
        step = (TILE - OVERLAP) / scale
        small = [face for face in found if 0.6 <= _side(face) / self.smallest <= SURE / HINT and face.confidence < 0.9]
        corners = {_corner(face, picture.shape, size, step) for face in small}
        for left, top in sorted(corners):
            part = picture[top : top + round(size), left : left + round(size)]
            for face in self._look(resized(part, scale)):
                face = face.moved(scale)
                if face.confidence >= self.LEAST and _whole_in(face, part.shape, (left, top), picture.shape):
                    faces.append(face.moved(1, left, top))
        return faces

    def _turned(self, picture: np.ndarray) -> list[Face]:
        """Return the faces of the turn of the picture that shows the surest one, without eyes."""
        scale = self._whole(max(picture.shape[:2]))
        small, best, quarters = resized(picture, scale), [], 0
        for turn in (1, 3, 2):
            faces = [face.moved(scale) for face in self._look(np.rot90(small, turn))]
            faces = [face for face in faces if face.confidence >= self.LEAST_TURNED and _side(face) >= self.smallest]
            if faces and (not best or faces[0].confidence > best[0].confidence):
                best, quarters = faces, turn
        return [replace(face, box=_back(face.box, quarters, picture.shape)) for face in best]

    def _upright_box(self, picture: np.ndarray, face: Face) -> Face:
        """Return a tilted face with a box of the place and size that it has upright."""
        if face.eyes is None or abs(np.degrees(np.arctan2(*(face.eyes[1] - face.eyes[0])[::-1]))) <= self.LEVEL:
            return face
        centre, across = middle(face.box), face.eyes[1] - face.eyes[0]
        cosine, sine = across / np.linalg.norm(across) * (UPRIGHT / 3 / _side(face))
        turn = np.array([[cosine, sine], [-sine, cosine]])
        part, move = reduced(picture, np.column_stack([turn, UPRIGHT / 2 - turn @ centre]), UPRIGHT)
        for seen in self._look(cv2.warpAffine(part, move, (UPRIGHT, UPRIGHT), borderMode=cv2.BORDER_REPLICATE)):
            away = middle(seen.box) - UPRIGHT / 2
            if seen.confidence >= self.LEAST and np.abs(away).max() < UPRIGHT / 6:
                side = _side(seen) / float(np.linalg.norm((cosine, sine)))
                left, top = (centre + np.linalg.solve(turn, away) - side / 2).tolist()
                return replace(face, box=(left, top, side, side), confidence=max(face.confidence, seen.confidence))
        return face

    def _look(self, picture: np.ndarray) -> list[Face]:
        """Return what may be a face, of `LEAST_HINT` and more, the surest first."""
        bottom, right = (max(0, LEAST_SIDE - length) for length in picture.shape[:2])
        bgr = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2BGR)
        bgr = cv2.copyMakeBorder(bgr, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
        with self.lock:
            self.network.setInputSize(bgr.shape[1::-1])
            _, rows = self.network.detect(bgr)
        rows = np.zeros((0, 15)) if rows is None else rows[np.isfinite(rows).all(axis=1)]
        rows = rows[(rows[:, 2:4] > 0).all(axis=1)]
        return [Face(tuple(map(float, row[:4])), float(row[14])) for row in rows[np.argsort(-rows[:, 14])]]


def _side(face: Face) -> float:
    """Return the side of the square that is as large as a face's box."""
    return float(np.sqrt(face.box[2] * face.box[3]))


def _starts(length: int, side: int, shared: int) -> list[int]:
    """Return where pieces of a length start that cover it, each sharing so many pixels with the next at least."""
    last = max(0, length - side)
    return np.linspace(0, last, math.ceil(last / (side - shared)) + 1).round().astype(int).tolist()


def _corner(face: Face, shape: tuple[int, ...], size: float, step: float) -> tuple[int, int]:
    """Return left and top of that square, of those that cover a picture, whose middle is nearest to a face."""
    corner = []
    for axis, length in ((0, shape[1]), (1, shape[0])):
        last = max(0.0, length - size)
        count = int(np.ceil(last / step))
        places = np.linspace(0, last, count + 1)
        corner.append(round(float(places[np.abs(places + size / 2 - middle(face.box)[axis]).argmin()])))
    return corner[0], corner[1]


def _whole_in(face: Face, part: tuple[int, ...], corner: tuple[int, int], picture: tuple[int, ...]) -> bool:
    """Tell whether a face in a part is not cut off by its border; by the picture's own border it may be."""
    for axis, length, start, end in ((0, part[1], corner[0], picture[1]), (1, part[0], corner[1], picture[0])):
        low, high = face.box[axis], face.box[axis] + face.box[axis + 2]
        if (low < 0 and start > 0) or (high > length and start + length < end):
            return False
    return True


def _back(box: Box, quarters: int, shape: tuple[int, ...]) -> Box:
    """Return a box in a picture of `shape`, given its place in that picture turned anticlockwise by quarters."""
    left, top, width, height = box
    return {
        1: (shape[1] - top - height, left, height, width),
        2: (shape[1] - left - width, shape[0] - top - height, width, height),
        3: (top, shape[0] - left - width, height, width),
    }[quarters]
