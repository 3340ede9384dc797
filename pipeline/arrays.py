"""The arrays of the pipeline, checked when they are read: type, shape, range, and for the same faces."""

from pathlib import Path

import numpy as np

from openfer.data.classes import classes_of, is_seven
from openfer.descriptors.settings import LENGTH
from openfer.emotions import IMAGE_SIZE, SPLITS
from openfer.errors import WAY_BACK, Refused
from openfer.files import FileError, load_array, load_json
from pipeline import paths

ROWS = 4096
"""Rows that are looked at together."""


def images() -> np.ndarray:
    """Return (n, 48, 48) uint8, mapped from the disk."""
    return load_array(paths.IMAGES, np.uint8, (None, IMAGE_SIZE, IMAGE_SIZE))


def split() -> np.ndarray:
    """Return (n,) uint8 codes of `emotions.SPLITS`."""
    return _codes(paths.SPLIT, len(SPLITS))


def votes() -> np.ndarray:
    """Return (n, 10) uint8 counts in the order of `data.votes.VOTES`, for the same faces as `images`.

    Raises:
        FileError: the file is missing or damaged, or about another number of faces.
        Refused: the faces were not ingested in FER2013's seven classes.
    """
    require_seven()
    counts = load_array(paths.VOTES, np.uint8, (None, 10))
    _require_rows(paths.VOTES, counts, len(images()))
    return counts


def emotions() -> dict[str, tuple[str, ...]]:
    """Return the classes that the labels are codes of: name → members, in order.

    Raises:
        FileError: the file is missing or damaged.
    """
    try:
        return classes_of([{name: members} for name, members in load_json(paths.EMOTIONS).items()])
    except ValueError as error:
        raise error if isinstance(error, Refused) else FileError(f"{paths.EMOTIONS}: {error}; {WAY_BACK}") from error


def require_seven() -> None:
    """Refuse other classes than FER2013's seven: the votes of FER+ are about all rows and all expressions.

    Raises:
        Refused: data.emotions is another.
    """
    if not is_seven(emotions()):
        raise Refused(
            f"the crowd's pipeline needs FER2013's seven classes, {paths.EMOTIONS} holds {', '.join(emotions())}: set "
            "data.emotions in params.yaml back (`git diff params.yaml` shows what changed), then `dvc repro ingest`"
        )


def require_same(path: Path, told: tuple[str, ...], names: tuple[str, ...]) -> None:
    """Refuse a network that tells others apart than the labels of the faces do.

    Args:
        path: of the network.
        told: what it tells apart.
        names: what the labels tell apart, as `emotions` returns them.

    Raises:
        Refused: it does.
    """
    if told != names:
        raise Refused(f"{path} tells {', '.join(told)} apart, {paths.EMOTIONS} holds {', '.join(names)}; {WAY_BACK}")


def faces() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return images (n, 48, 48), labels (n,) and codes of splits (n,), all uint8.

    Raises:
        FileError: a file is missing or damaged, or they are not about the same number of faces.
    """
    arrays = images(), _codes(paths.LABELS, len(emotions())), split()
    for path, array in zip((paths.LABELS, paths.SPLIT), arrays[1:], strict=True):
        _require_rows(path, array, len(arrays[0]))
    return arrays


def key_points(count: int | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return SIFT descriptors (m, 128) uint8, positions (m, 2) float32 and counts (n, 2) int32, mapped from the disk.

    Args:
        count: n, where it is known.

    Raises:
        FileError: a file is missing or damaged, they are not about the same key points, or one is nowhere.
    """
    found = load_array(paths.SIFT_DESCRIPTORS, np.uint8, (None, LENGTH))
    places = load_array(paths.SIFT_POSITIONS, np.float32, (None, 2))
    counts = load_array(paths.SIFT_COUNTS, np.int32, (None, 2))
    if count is not None:
        _require_rows(paths.SIFT_COUNTS, counts, count)
    for path, array in ((paths.SIFT_DESCRIPTORS, found), (paths.SIFT_POSITIONS, places)):
        if len(array) != counts.sum():
            raise FileError(f"{path} must hold {counts.sum():,} key points. Received: {len(array):,}; {WAY_BACK}")
    _require_numbers(paths.SIFT_POSITIONS, places)
    return found, places, counts


def vocabulary() -> np.ndarray:
    """Return the visual words (k, 128) float32, mapped from the disk."""
    words = load_array(paths.SIFT_VOCABULARY, np.float32, (None, LENGTH))
    _require_numbers(paths.SIFT_VOCABULARY, words)
    return words


def descriptors(name: str, count: int) -> np.ndarray:
    """Return (count, 2, d) float16, mapped from the disk.

    Args:
        name: "sift" or "dsift".
        count: of the faces.

    Raises:
        FileError: the file is missing or damaged, is about another number of faces, or holds what is no number.
    """
    path = paths.descriptor_path(name)
    array = load_array(path, np.float16, (None, 2, None))
    _require_rows(path, array, count)
    _require_numbers(path, array)
    return array


def feature(name: str, count: int, values: int | None = None) -> np.ndarray:
    """Return (count, d) float32, mapped from the disk.

    Args:
        name: one of `paths.FEATURES`.
        count: of the faces.
        values: d, where it is known.

    Raises:
        FileError: the file is missing or damaged, is about another number of faces, or holds what is no number.
    """
    path = paths.feature_path(name)
    array = load_array(path, np.float32, (None, values))
    _require_rows(path, array, count)
    _require_numbers(path, array)
    return array


def _codes(path: Path, count: int) -> np.ndarray:
    array = load_array(path, np.uint8, (None,))
    if array.max() >= count:
        raise FileError(f"{path} must hold codes from 0 to {count - 1}. Received: {array.max()}; {WAY_BACK}")
    return array


def _require_rows(path: Path, array: np.ndarray, count: int) -> None:
    if len(array) != count:
        raise FileError(f"{path} must be about {count:,} faces. Received: {len(array):,}; {WAY_BACK}")


def _require_numbers(path: Path, array: np.ndarray) -> None:
    for start in range(0, len(array), ROWS):
        if not np.isfinite(array[start : start + ROWS]).all():
            raise FileError(f"{path} holds infinities or what is no number; {WAY_BACK}")
