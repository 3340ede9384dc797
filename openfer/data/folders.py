"""Pictures in folders, <split>/<emotion>/<file>, as published beside the CSV: train/angry/Training_3908.jpg."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from openfer.data.table import BadRow, IngestError, Table, refuse
from openfer.emotions import EMOTIONS, IMAGE_SIZE, PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING

SYNONYMS = {
    **{"anger": "angry", "disgusted": "disgust", "fearful": "fear", "happiness": "happy"},
    **{"sadness": "sad", "surprised": "surprise"},
}
SPLIT_FOLDERS = {
    **{"train": TRAINING, "training": TRAINING},
    **{"val": PUBLIC_TEST, "valid": PUBLIC_TEST, "validation": PUBLIC_TEST, "publictest": PUBLIC_TEST},
    **{"test": PRIVATE_TEST, "privatetest": PRIVATE_TEST},
}
NUMBERED = re.compile(r"fer\d{7}\.\w+")
"""What FER+ calls the picture of a row, after its place in fer2013.csv; so does `openfer.data.exports`."""

START_OF_JPEG, END_OF_JPEG = b"\xff\xd8", b"\xff\xd9"


def read_folder(root: Path, on_bad_row: str, names: Sequence[str] = EMOTIONS) -> Table:
    """Read all pictures below `root` in the order of their paths; colour is turned to gray.

    Where all are called as FER+ calls them (fer0000012.png), they come in the order of these numbers, which is that of
    the table they were written from.

    A file name with PublicTest_ or PrivateTest_ tells the split, otherwise the folder does (test: PrivateTest).

    Args:
        root: of the folder.
        on_bad_row: "error" or "skip".
        names: of the expressions that folders may be called after, in small letters.

    Raises:
        IngestError: no picture is found; or one is bad and `on_bad_row` is "error", with its name.
    """
    images, labels, split, skipped = [], [], [], []
    with _no_log_of_opencv():
        pictures, passed_over = find_pictures(root)
        for path in tqdm(pictures, desc="reading", unit="image", disable=None):
            try:
                label, code, image = _label(path, names), _split(path), _decode(path)
            except ValueError as error:
                bad = BadRow(_name(path, root), str(error))
                if on_bad_row == "error":
                    raise refuse(str(root), bad) from None
                skipped.append(bad)
                continue
            images.append(image)
            labels.append(label)
            split.append(code)
    stacked = np.array(images, np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    others = [_name(path, root) for path in passed_over]
    return Table(stacked, np.array(labels, np.uint8), np.array(split, np.uint8), skipped, others, tuple(names))


def find_pictures(root: Path) -> tuple[list[Path], list[Path]]:
    """List the pictures below `root`, and the files that are passed over, each sorted by relative path.

    Pictures are the files in a format that OpenCV reads; others and hidden ones are passed over. Where all of them are
    `NUMBERED`, they are sorted by their names.

    Raises:
        IngestError: there is no picture.
    """
    files = sorted((path for path in root.rglob("*") if path.is_file()), key=lambda path: _name(path, root))
    pictures = [path for path in files if not _is_hidden(path, root) and _is_picture(path)]
    if not pictures:
        found = f"{len(files):,} other files" if files else "it is empty"
        raise IngestError(
            f"no picture in the folder {root} (<split>/<emotion>/<picture>; {found}); "
            "to read a CSV, name the file in data.source"
        )
    found = set(pictures)
    if all(NUMBERED.fullmatch(path.name) for path in pictures):
        pictures.sort(key=lambda path: path.name)
    return pictures, [path for path in files if path not in found]


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _is_picture(path: Path) -> bool:
    """Tell whether OpenCV knows the format: by the name, so that a damaged file is refused, or by the first bytes."""
    try:
        str(path).encode()  # names that are not UTF-8 crash OpenCV
        return cv2.haveImageWriter(path.name) or cv2.haveImageReader(str(path))
    except (UnicodeEncodeError, cv2.error):  # OpenCV's: of a format that is switched off, as OpenEXR is
        return False


@contextmanager
def _no_log_of_opencv() -> Iterator[None]:
    """Keep OpenCV from writing on the terminal what a `BadRow` says in one line."""
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)


def _label(path: Path, names: Sequence[str]) -> int:
    folder = path.parent.name.lower()
    emotion = folder if folder in names else SYNONYMS.get(folder, folder)
    if emotion not in names:
        raise ValueError(
            f"folder emotion: one of {', '.join(names)}, or another name that data.emotions has, expected. "
            f"Received: {path.parent.name!r}"
        )
    return names.index(emotion)


def _split(path: Path) -> int:
    for code in (PUBLIC_TEST, PRIVATE_TEST):
        if f"{SPLITS[code]}_" in path.name:
            return code
    folder = path.parent.parent.name
    if folder.lower() not in SPLIT_FOLDERS:
        raise ValueError(f"folder split: one of {', '.join(SPLIT_FOLDERS)} expected. Received: {folder!r}")
    return SPLIT_FOLDERS[folder.lower()]


def _decode(path: Path) -> np.ndarray:
    """Read one picture as gray (48, 48) uint8; another size is refused, since resizing would go unnoticed."""
    content = path.read_bytes()
    # OpenCV may fill the missing part of a JPEG that was cut off with gray and say nothing.
    cut_off = content.startswith(START_OF_JPEG) and END_OF_JPEG not in content
    image = None if cut_off or not content else _gray(content)
    if image is None:
        raise ValueError(f"the picture cannot be decoded ({len(content)} bytes)")
    if image.dtype not in (np.uint8, np.uint16):  # what is black and what is white is for each to say
        raise ValueError(f"8 or 16 bits a pixel expected. Received: {image.dtype}")
    if image.shape != (IMAGE_SIZE, IMAGE_SIZE):
        height, width = image.shape
        raise ValueError(f"{IMAGE_SIZE} × {IMAGE_SIZE} pixels expected. Received: {width} × {height}")
    return image if image.dtype == np.uint8 else (image >> 8).astype(np.uint8)


def _gray(content: bytes) -> np.ndarray | None:
    """Decode with OpenCV, at the depth of the file; None if it cannot."""
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
    except cv2.error:  # a size beyond all measure
        return None
