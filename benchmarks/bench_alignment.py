"""How faces are best cut out of pictures: PublicTest's, found, cut out anew in several ways and read by a model.

    python -m benchmarks.bench_alignment [--every 4] [openfer/model]

Run `dvc repro ingest` before it. Each face is enlarged, framed and tilted, so that a detector has something to find;
what docs/detectors.md says of the crop is from here. Differences of half a point are noise.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from benchmarks.bench_exported import loaded
from docs.face_margins import ENLARGED, framed
from openfer import MODEL
from openfer.emotions import IMAGE_SIZE, PUBLIC_TEST
from openfer.evaluation.tables import markdown
from openfer.export.model_folder import ExportedModel
from openfer.faces.alignment import Face, cut_out
from openfer.faces.yunet import YuNet
from openfer.prediction.crops import BOTH
from pipeline import arrays

EYES = np.array([(15.2, 19.1), (33.1, 19.0)])
"""Where FER2013 has the eyes, left and right, x and y in pixels (docs/face_margins.py)."""

TILTS = (0, 15, 30, 45, 90)
"""Degrees, anticlockwise."""


def main(folder: Path, every: int) -> None:
    """Print a row a tilt.

    Args:
        folder: of the model that reads the crops.
        every: face of PublicTest that is looked at.
    """
    images, labels, split = arrays.faces()
    images, labels = images[split == PUBLIC_TEST][::every], labels[split == PUBLIC_TEST][::every]
    model, detector = loaded(folder), YuNet()
    rows = [["tilt", "found", "with eyes", "as it was", *WAYS]]
    for tilt in TILTS:
        places, pictures, faces = found(images, detector, tilt)
        shares = [accuracy(model, images[places], labels[places])]
        for cut in WAYS.values():
            crops = np.stack([cut(picture, face) for picture, face in zip(pictures, faces, strict=True)])
            shares.append(accuracy(model, crops, labels[places]))
        eyes = sum(face.eyes is not None for face in faces) / len(images)
        rows.append([f"{tilt}°", f"{len(places) / len(images):.1%}", f"{eyes:.1%}", *(f"{one:.1%}" for one in shares)])
    sys.stdout.write(f"{len(images):,} faces of PublicTest\n{markdown(rows)}\n")


def found(images: np.ndarray, detector: YuNet, tilt: float) -> tuple[list[int], list[np.ndarray], list[Face]]:
    """Return which faces are found, their pictures, and where they are in them."""
    places, pictures, faces = [], [], []
    for place, image in enumerate(tqdm(images, desc=f"{tilt}°", unit="face", leave=False)):
        picture = framed(image)
        middle = ((picture.shape[1] - 1) / 2, (picture.shape[0] - 1) / 2)
        turn = cv2.getRotationMatrix2D(middle, tilt, 1)
        picture = cv2.warpAffine(picture, turn, picture.shape[1::-1], borderMode=cv2.BORDER_REFLECT_101)
        for face in detector(picture)[:1]:
            places.append(place)
            pictures.append(picture)
            faces.append(face)
    return places, pictures, faces


def accuracy(model: ExportedModel, crops: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of crops (n, 48, 48) whose label is predicted, from both mirror images."""
    return float((model.predict(crops, BOTH).argmax(axis=1) == labels).mean())


def by_box(picture: np.ndarray, face: Face) -> np.ndarray:
    """Cut out what the box says, as the face is tilted."""
    return cut_out(picture, replace(face, eyes=None))


def by_eyes(picture: np.ndarray, face: Face) -> np.ndarray:
    """Cut out so that both eyes are where FER2013 has them; without eyes, by the box."""
    if face.eyes is None:
        return by_box(picture, face)
    move, _ = cv2.estimateAffinePartial2D(face.eyes - 0.5, (EYES * ENLARGED) - 0.5)
    if move is None:
        return by_box(picture, face)
    side = IMAGE_SIZE * ENLARGED
    large = cv2.warpAffine(picture, move, (side, side), borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(large, (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)


WAYS: Mapping[str, Callable[[np.ndarray, Face], np.ndarray]] = {
    "by the box": by_box,
    "by both eyes": by_eyes,
    "box, and roll by the eyes": cut_out,
}
"""How a face may be cut out."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path, default=MODEL, help="folder of an exported model (%(default)s)")
    parser.add_argument("--every", type=int, default=1, help="face that is looked at (%(default)s)")
    options = parser.parse_args()
    main(options.model, options.every)
