"""Photographs of faces inside packages, both free to use: NASA's astronaut and the US Navy's Grace Hopper."""

from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import skimage.data

from openfer.faces.pictures import read_picture


def astronaut() -> np.ndarray:
    """Return the astronaut's portrait on grey, (480, 640, 3); her face is about x 247–333, y 55–165."""
    portrait = cv2.resize(skimage.data.astronaut(), (480, 480), interpolation=cv2.INTER_AREA)
    photo = np.full((480, 640, 3), 96, np.uint8)
    photo[:, 80:560] = portrait
    return photo


def grace_hopper() -> np.ndarray:
    """Return Grace Hopper's portrait, (600, 512, 3)."""
    return read_picture(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg")
