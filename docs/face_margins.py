"""Measure FER2013's faces for openfer/faces/: eyes and the cascade's box (alignment.py), contrast (predictor.py).

    python -m docs.face_margins

Needs `dvc repro ingest` and `make app`.
"""

import contextlib

import cv2
import numpy as np
from tqdm import tqdm

from openfer.emotions import TRAINING
from openfer.faces.detectors import BlazeFace, Haar
from pipeline import arrays

EVERY, ENLARGED, BORDER = 12, 4, 48
"""Faces that are looked at; how many times enlarged, since both detectors want more than 48 pixels; pixels of reflected
border around the enlarged face, since boxes reach over FER2013's."""


def main() -> None:
    """Print the medians over Training, in pixels of the 48 × 48 face."""
    images, split = arrays.images(), arrays.split()
    faces = images[split == TRAINING]
    eyes, boxes = [], []
    with contextlib.closing(BlazeFace(smallest=100)) as blazeface:
        haar = Haar(smallest=100)
        for face in tqdm(faces[::EVERY], unit="face"):
            enlarged = cv2.resize(face, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
            framed = cv2.copyMakeBorder(enlarged, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_REFLECT_101)
            picture = cv2.cvtColor(framed, cv2.COLOR_GRAY2RGB)
            eyes += [(found.eyes - BORDER) / ENLARGED for found in blazeface(picture)[:1]]
            boxes += [(np.array(found.box) - (BORDER, BORDER, 0, 0)) / ENLARGED for found in haar(picture)[:1]]
    print(f"BlazeFace: {len(eyes):,} faces, eyes at {np.median(eyes, axis=0).round(1).tolist()}")
    left, top, width, _ = np.median(boxes, axis=0).round(2).tolist()
    contrast = np.quantile(faces.std(axis=(1, 2)), 0.001)
    print(f"A thousandth of the faces has a standard deviation below {contrast:.1f} grey levels")
    print(f"Haar: {len(boxes):,} faces, box from ({left}, {top}), side {width}")


if __name__ == "__main__":
    main()
