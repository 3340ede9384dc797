"""Pictures without a face: what lies in scikit-image and scikit-learn, people without their heads, patterns."""

from collections.abc import Iterator

import cv2
import numpy as np
import skimage.data
from sklearn.datasets import load_sample_images

from openfer.faces.pictures import as_rgb
from tests.photos import astronaut, grace_hopper

PHOTOGRAPHS = (
    *("brick", "chelsea", "clock", "coffee", "coins", "colorwheel", "grass", "gravel"),
    *("hubble_deep_field", "immunohistochemistry", "moon", "page", "retina", "rocket", "text"),
)
"""Of scikit-image, all in its wheel; "chelsea" is a cat."""


def faceless() -> Iterator[np.ndarray]:
    """Yield 28 pictures (height, width, 3) uint8 RGB."""
    for name in PHOTOGRAPHS:
        yield as_rgb(getattr(skimage.data, name)())
    yield from load_sample_images().images
    yield astronaut()[180:]
    yield grace_hopper()[360:]
    yield from _patterns(480, 640)


def _patterns(height: int, width: int) -> Iterator[np.ndarray]:
    """Yield nine that are made."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width]
    yield random.integers(0, 256, (height, width, 3), np.uint8)
    yield as_rgb(np.uint8(np.hypot(x - width / 2, y - height / 2) % 64 * 4))
    yield as_rgb(np.uint8((x // 40 + y // 40) % 2 * 255))
    yield as_rgb(np.uint8(x * 255 // width))
    yield as_rgb(np.uint8(127 + 127 * np.sin(x / 15) * np.sin(y / 15)))
    for cells in (8, 30, 90):
        clouds = random.integers(0, 256, (cells, cells * 4 // 3, 3), np.uint8)
        yield cv2.resize(clouds, (width, height), interpolation=cv2.INTER_CUBIC)
    discs = np.full((height, width, 3), 230, np.uint8)
    for _ in range(60):
        place = tuple(int(value) for value in random.integers(0, (width, height)))
        colour = tuple(int(value) for value in random.integers(0, 256, 3))
        cv2.circle(discs, place, int(random.integers(5, 60)), colour, -1)
    yield discs
