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


def portrait(side: int) -> np.ndarray:
    """Return the astronaut's head and a little around it, a square of twice the side of her face."""
    head = skimage.data.astronaut()[15:217, 123:325]
    flags = cv2.INTER_AREA if side < 101 else cv2.INTER_CUBIC
    return cv2.resize(head, (2 * side, 2 * side), interpolation=flags)


def grid(height: int, width: int, side: int, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture (height, width, 3) with so many faces of `side` pixels on clouds, and their middles (n, 2)."""
    random = np.random.default_rng(0)
    clouds = random.integers(60, 180, (height // 64 + 2, width // 64 + 2, 3), np.uint8)
    picture = cv2.resize(clouds, (width, height), interpolation=cv2.INTER_CUBIC)
    face = portrait(side)
    columns = int(np.ceil(np.sqrt(number * width / height)))
    rows = int(np.ceil(number / columns))
    middles = []
    for place in range(number):
        row, column = divmod(place, columns)
        x, y = ((np.array([column, row]) + 0.5) * (width / columns, height / rows)).astype(int)
        x, y = np.clip(np.array([x, y]) + random.integers(-5, 6, 2), side, (width - side, height - side))
        picture[y - side : y + side, x - side : x + side] = face
        middles.append((x, y))
    return picture, np.array(middles)


def hits(boxes: np.ndarray, middles: np.ndarray, side: int) -> int:
    """Return how many faces of `side` pixels have the middle of a box (left, top, width, height) near their own."""
    found = np.reshape(boxes, (-1, 4))[:, :2] + np.reshape(boxes, (-1, 4))[:, 2:] / 2
    near = np.linalg.norm(found[:, None] - middles[None], axis=2) < 0.6 * side
    return int(near.any(axis=0).sum())


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of the inner 32 × 32 pixels of a crop with those of another that match best."""
    return float(cv2.matchTemplate(other, one[8:40, 8:40], cv2.TM_CCOEFF_NORMED).max())


def tilted(picture: np.ndarray, angle: float) -> np.ndarray:
    """Return a square picture of the same size turned anticlockwise by `angle` degrees, its border repeated."""
    middle = picture.shape[1] / 2 - 0.5, picture.shape[0] / 2 - 0.5
    turn = cv2.getRotationMatrix2D(middle, angle, 1)
    return cv2.warpAffine(picture, turn, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
