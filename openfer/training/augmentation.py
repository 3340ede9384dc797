"""Random augmented views of a face for training, drawn with NumPy; `augment_layer.Augment` applies them.

Drawing outside the graph keeps all random state in one seeded generator, the same under every Keras backend.
"""

import numpy as np

from openfer.emotions import IMAGE_SIZE
from openfer.training.settings import Ranges

CENTRE = (IMAGE_SIZE - 1) / 2

DRAWN = {"transform": 8, "gain": 1, "gamma": 1, "light": 2, "blur": 1, "box": 4}
"""What the layer takes beside the pictures, and how many values a picture."""


def draw(rng: np.random.Generator, count: int, ranges: Ranges) -> dict[str, np.ndarray]:
    """Draw `count` augmented views; half of them are mirrored where the ranges say so.

    Returns:
        "transform" (count, 8) float32: the projective transform that takes a position in the view to one in the
        picture; "gain" (count, 1): factor of the contrast; "gamma" (count, 1): exponent of the grey values; "light"
        (count, 2): change of the light from the middle to the right and to the lower edge; "blur" (count, 1): share of
        a blurred copy; "box" (count, 4): top, bottom, left, right of the erased
        rectangle in pixels (empty where top = bottom); and "mirrored" (count,) int: 1 where the view is mirrored.
    """
    mirrored = rng.integers(0, 2, count) * ranges.mirror
    angle = np.deg2rad(rng.uniform(-ranges.rotation, ranges.rotation, count))
    scale = 1 + rng.uniform(-ranges.scale, ranges.scale, count)
    shift = rng.uniform(-ranges.shift, ranges.shift, (2, count)) * IMAGE_SIZE
    gain = 1 + rng.uniform(-ranges.gain, ranges.gain, (count, 1))
    box = _boxes(rng, count, ranges.erase)
    gamma = 2 ** rng.uniform(-ranges.gamma, ranges.gamma, (count, 1))
    direction, strength = rng.uniform(0, 2 * np.pi, count), rng.uniform(0, ranges.light, count)
    light = np.stack([strength * np.cos(direction), strength * np.sin(direction)], axis=1)
    blur = rng.uniform(0, ranges.blur, (count, 1))
    drawn = {"gain": gain, "gamma": gamma, "light": light, "blur": blur, "box": box}
    drawn = {name: values.astype(np.float32) for name, values in drawn.items()}
    return {"mirrored": mirrored, "transform": affine(mirrored, angle, scale, shift)} | drawn


def affine(mirrored: np.ndarray, angle: np.ndarray, scale: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return transforms (n, 8) about the picture's centre, from view to picture.

    Args:
        mirrored: (n,), 1 where left and right change sides.
        angle: (n,) in radians; positive turns the face clockwise.
        scale: (n,), above 1 enlarges the face.
        shift: (2, n) in pixels, to the right and down.
    """
    flip = 1 - 2 * mirrored
    a, b = np.cos(angle) / scale, np.sin(angle) / scale
    rows = np.zeros((len(angle), 8), np.float32)
    rows[:, 0], rows[:, 1] = flip * a, flip * b
    rows[:, 3], rows[:, 4] = -b, a
    # The centre of the view, moved back by the shift, must land on the centre of the picture.
    x, y = CENTRE + shift[0], CENTRE + shift[1]
    rows[:, 2] = CENTRE - rows[:, 0] * x - rows[:, 1] * y
    rows[:, 5] = CENTRE - rows[:, 3] * x - rows[:, 4] * y
    return rows


def _boxes(rng: np.random.Generator, count: int, probability: float) -> np.ndarray:
    """Draw rectangles as in random erasing (Zhong et al. 2017, arXiv:1708.04896): area 2–15 %, aspect 0.3–3.3."""
    area = rng.uniform(0.02, 0.15, count) * IMAGE_SIZE**2
    aspect = np.exp(rng.uniform(np.log(0.3), np.log(1 / 0.3), count))
    height = np.sqrt(area * aspect) * (rng.random(count) < probability)
    width = np.sqrt(area / aspect)
    top, left = rng.random((2, count)) * (IMAGE_SIZE - np.stack([height, width]))
    return np.stack([top, top + height, left, left + width], axis=1)
