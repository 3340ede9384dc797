"""Measure FER2013's faces for openfer/faces/: the box of the detector (alignment.py), contrast (predictor.py).

    python -m docs.face_margins

Needs `dvc repro ingest`.
"""

import cv2
import numpy as np
from tqdm import tqdm

from openfer.emotions import TRAINING
from openfer.faces.yunet import YuNet
from pipeline import arrays

EVERY, ENLARGED, BORDER = 12, 4, 48
"""Faces that are looked at; how many times enlarged, since eyes want more than 48 pixels; pixels of reflected border
around the enlarged face, since boxes reach over FER2013's."""


def main() -> None:
    """Print the medians over Training, in pixels of the 48 × 48 face."""
    images, split = arrays.images(), arrays.split()
    faces, detector = images[split == TRAINING], YuNet()
    squares, eyes = [], []
    for face in tqdm(faces[::EVERY], unit="face"):
        for found in detector(framed(face))[:1]:
            left, top, width, height = (np.array(found.box) - (BORDER, BORDER, 0, 0)) / ENLARGED
            side = np.sqrt(width * height)
            squares.append((left + (width - side) / 2, top + (height - side) / 2, side))
            if found.eyes is not None:
                eyes.append((found.eyes - BORDER) / ENLARGED)
    contrast = np.quantile(faces.std(axis=(1, 2)), 0.001)
    print(f"YuNet: {len(squares):,} faces, (left, top, side) {np.median(squares, axis=0).round(2).tolist()}")
    print(f"BlazeFace: {len(eyes):,} faces, eyes at {np.median(eyes, axis=0).round(1).tolist()}")
    print(f"A thousandth of the faces has a standard deviation below {contrast:.1f} grey levels")


def framed(face: np.ndarray) -> np.ndarray:
    """Return a face (48, 48) uint8 as a detector meets one: enlarged, RGB, with something around it."""
    enlarged = cv2.resize(face, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    picture = cv2.copyMakeBorder(enlarged, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_REFLECT_101)
    return cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)


if __name__ == "__main__":
    main()
