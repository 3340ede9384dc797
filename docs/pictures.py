"""Draw the pictures of the program in README.md anew, with the model that it uses by default.

    python -m docs.pictures

Faces: NASA's portrait of the astronaut Eileen Collins (from scikit-image) and the US Navy's of Grace Hopper (from
Matplotlib), both in the public domain. The film turns one into the other, so that there is something to plot.
"""

import contextlib
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from openfer.app.cli import main as app
from openfer.app.frames import Writer
from openfer.faces.detectors import create
from tests.photos import astronaut, grace_hopper

FOLDER = Path("docs/pictures")
RATE, SECONDS = 10, 8
"""Frames a second, and length of the film."""


def main() -> None:
    """Draw both."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cv2.imwrite(str(folder / "astronaut.png"), skimage.data.astronaut()[..., ::-1])
        write_film(folder / "film.mp4")
        app(["photo", str(folder / "astronaut.png"), "--out", name])
        app(["video", str(folder / "film.mp4"), "--out", name])
        shutil.copyfile(folder / "astronaut.png.faces.jpg", FOLDER / "astronaut.jpg")
        shutil.copyfile(folder / "film.mp4.emotions.png", FOLDER / "timeline.png")


def write_film(path: Path) -> None:
    """Turn one face into the other and back, eyes upon eyes."""
    first, second = grace_hopper(), astronaut()
    with contextlib.closing(create()) as detector:
        (own,), (other,) = map(detector, (first, second))
    move, _ = cv2.estimateAffinePartial2D(other.eyes, own.eyes)
    moved = cv2.warpAffine(second, move, first.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    writer = Writer(path, RATE, first.shape[1::-1])
    for share in (1 - np.cos(np.linspace(0, 2 * np.pi, RATE * SECONDS))) / 2:
        writer.write(cv2.addWeighted(first, 1 - share, moved, share, 0))
    writer.close()


if __name__ == "__main__":
    main()
