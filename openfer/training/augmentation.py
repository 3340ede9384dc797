"""Random views of a face for training: drawn with NumPy on the host, applied in the graph by `Augment`.

Drawing outside the graph keeps all random state in one seeded generator, the same under every Keras backend;
applying inside lets the accelerator do the work. The layer is never part of a saved network.
"""

from dataclasses import dataclass, fields, replace

import keras
import numpy as np
from keras import ops

from openfer.emotions import IMAGE_SIZE
from pipeline.params import leaf

CENTRE = (IMAGE_SIZE - 1) / 2


@dataclass(frozen=True)
class Ranges:
    """How far a random view may be from the picture.

    Attributes:
        rotation: largest angle in degrees, either way.
        scale: largest change of size as a share, either way (0.15: 0.85–1.15).
        shift: largest shift along an axis as a share of the side, either way.
        gain: largest change of contrast as a share, either way.
        erase: probability that a rectangle of 2–15 % of the picture is painted over with mid-grey.
        fade: share of the epochs, the last ones, over which all of these shrink, in the last to nothing.
    """

    rotation: float = leaf("augmentation.rotation", at_least=0, at_most=180)
    scale: float = leaf("augmentation.scale", at_least=0, at_most=0.9)
    shift: float = leaf("augmentation.shift", at_least=0, at_most=1)
    gain: float = leaf("augmentation.gain", at_least=0, at_most=1)
    erase: float = leaf("augmentation.erase", at_least=0, at_most=1)
    fade: float = leaf("augmentation.fade", at_least=0, at_most=1)

    def after(self, done: float) -> "Ranges":
        """Return the ranges of the epoch that ends after a share `done` of the training, 0 to 1."""
        part = min(1.0, (1 - done) / self.fade) if self.fade else 1.0
        shrinking = [field.name for field in fields(self) if field.name != "fade"]
        return replace(self, **{name: part * getattr(self, name) for name in shrinking})


def draw(rng: np.random.Generator, count: int, ranges: Ranges) -> dict[str, np.ndarray]:
    """Draw `count` random views; half of them are mirrored.

    Returns:
        "transform" (count, 8) float32: the projective transform that takes a position in the view to one in the
        picture; "gain" (count, 1): factor of the contrast; "box" (count, 4): top, bottom, left, right of the erased
        rectangle in pixels (empty where top = bottom); and "mirrored" (count,) int: 1 where the view is mirrored.
    """
    mirrored = rng.integers(0, 2, count)
    angle = np.deg2rad(rng.uniform(-ranges.rotation, ranges.rotation, count))
    scale = 1 + rng.uniform(-ranges.scale, ranges.scale, count)
    shift = rng.uniform(-ranges.shift, ranges.shift, (2, count)) * IMAGE_SIZE
    return {
        "mirrored": mirrored,
        "transform": affine(mirrored, angle, scale, shift),
        "gain": (1 + rng.uniform(-ranges.gain, ranges.gain, (count, 1))).astype(np.float32),
        "box": _boxes(rng, count, ranges.erase),
    }


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
    return np.stack([top, top + height, left, left + width], axis=1).astype(np.float32)


class Augment(keras.layers.Layer):
    """Apply drawn views to pictures (n, 48, 48, 1) of grey values 0–255; positions outside repeat the border."""

    def call(
        self, image: keras.KerasTensor, transform: keras.KerasTensor, gain: keras.KerasTensor, box: keras.KerasTensor
    ) -> keras.KerasTensor:
        """Warp, change the contrast about mid-grey, erase; see `draw` for the arguments."""
        view = ops.image.affine_transform(
            image, transform, interpolation="bilinear", fill_mode="nearest", data_format="channels_last"
        )
        middle = 127.5
        view = (view - middle) * ops.reshape(gain, (-1, 1, 1, 1)) + middle
        top, bottom, left, right = (ops.reshape(box[:, side], (-1, 1, 1, 1)) for side in range(4))
        position = ops.arange(IMAGE_SIZE, dtype="float32")
        row, column = ops.reshape(position, (1, -1, 1, 1)), ops.reshape(position, (1, 1, -1, 1))
        erased = (row >= top) & (row < bottom) & (column >= left) & (column < right)
        return ops.where(erased, middle, view)

    def compute_output_shape(self, image: tuple, *_: tuple, **__: tuple) -> tuple:
        """Return the shape of the pictures: a view is as large as its picture."""
        return image
