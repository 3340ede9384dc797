"""Pictures in folders, <split>/<emotion>/<file>, as published beside the CSV: train/angry/Training_3908.jpg."""

from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from openfer.data.table import BadRow, IngestError, Table, refuse
from openfer.emotions import EMOTIONS, IMAGE_SIZE, PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
SYNONYMS = {
    **{"anger": "angry", "disgusted": "disgust", "fearful": "fear", "happiness": "happy"},
    **{"sadness": "sad", "surprised": "surprise"},
}
SPLIT_FOLDERS = {
    **{"train": TRAINING, "training": TRAINING},
    **{"val": PUBLIC_TEST, "valid": PUBLIC_TEST, "validation": PUBLIC_TEST, "publictest": PUBLIC_TEST},
    **{"test": PRIVATE_TEST, "privatetest": PRIVATE_TEST},
}
END_OF_JPEG = b"\xff\xd9"


def read_folder(root: Path, on_bad_row: str) -> Table:
    """Read all pictures below `root` in the order of their paths; colour is turned to gray.

    A file name with PublicTest_ or PrivateTest_ tells the split, otherwise the folder does (test: PrivateTest).
    Hidden files and files that are no pictures are passed over.

    Raises:
        IngestError: no picture is found; or one is bad and `on_bad_row` is "error", with its name.
    """
    images, labels, split, skipped = [], [], [], []
    for path in tqdm(picture_paths(root), desc="reading", unit="image", disable=None):
        name = path.relative_to(root).as_posix()
        try:
            label, code, image = _label(path), _split(path), _decode(path)
        except ValueError as error:
            bad = BadRow(name, str(error))
            if on_bad_row == "error":
                raise refuse(str(root), bad) from None
            skipped.append(bad)
            continue
        images.append(image)
        labels.append(label)
        split.append(code)
    stacked = np.array(images, np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    return Table(stacked, np.array(labels, np.uint8), np.array(split, np.uint8), skipped)


def picture_paths(root: Path) -> list[Path]:
    """List the pictures below `root`, sorted by relative path.

    Raises:
        IngestError: there is none.
    """
    paths = [path for path in root.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()]
    shown = [path for path in paths if not any(part.startswith(".") for part in path.relative_to(root).parts)]
    if not shown:
        layout = f"<split>/<emotion>/<picture>, {', '.join(SUFFIXES)}"
        raise IngestError(f"no picture in the folder {root} ({layout}); to read a CSV, name the file in data.source")
    return sorted(shown, key=lambda path: path.relative_to(root).as_posix())


def _label(path: Path) -> int:
    folder = path.parent.name.lower()
    emotion = SYNONYMS.get(folder, folder)
    if emotion not in EMOTIONS:
        raise ValueError(f"folder emotion: one of {', '.join(EMOTIONS)} expected. Received: {path.parent.name!r}")
    return EMOTIONS.index(emotion)


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
    # OpenCV fills the missing part of a JPEG that was cut off with gray and says nothing.
    cut_off = path.suffix.lower() in (".jpg", ".jpeg") and END_OF_JPEG not in content
    image = None if cut_off or not content else cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ValueError(f"the picture cannot be decoded ({len(content)} bytes)")
    if image.shape != (IMAGE_SIZE, IMAGE_SIZE):
        height, width = image.shape
        raise ValueError(f"{IMAGE_SIZE} × {IMAGE_SIZE} pixels expected. Received: {width} × {height}")
    return image
