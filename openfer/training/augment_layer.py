"""The layer that augments pictures in the graph, on the accelerator; never part of a saved network."""

import keras
from keras import ops

from openfer.emotions import IMAGE_SIZE
from openfer.training.augmentation import CENTRE

WHITE, GREY = 255.0, 127.5


class Augment(keras.layers.Layer):
    """Apply what is drawn to pictures (n, 48, 48, 1) of grey values 0–255; positions outside repeat the border.

    What stands in the picture is moved, then lit, then seen through a lens: warp, light from a side, exponent,
    contrast about mid-grey, blur; what is erased comes last. See `augmentation.draw` for the arguments.
    """

    def call(
        self,
        image: keras.KerasTensor,
        transform: keras.KerasTensor,
        gain: keras.KerasTensor,
        gamma: keras.KerasTensor,
        light: keras.KerasTensor,
        blur: keras.KerasTensor,
        box: keras.KerasTensor,
    ) -> keras.KerasTensor:
        """Return pictures of the same shape."""
        view = ops.image.affine_transform(
            image, transform, interpolation="bilinear", fill_mode="nearest", data_format="channels_last"
        )
        view = _lit(view, light, gamma)
        view = (view - GREY) * _each(gain) + GREY
        view = view + _each(blur) * (_blurred(view) - view)
        return _erased(view, box)

    def compute_output_shape(self, image: tuple, *_: tuple, **__: tuple) -> tuple:
        """Return the shape of the pictures: augmented, they are as large as before."""
        return image


def _lit(view: keras.KerasTensor, light: keras.KerasTensor, gamma: keras.KerasTensor) -> keras.KerasTensor:
    """Let the light rise along a direction, as from a window, then bend the grey values, as cameras do."""
    ramp = (ops.arange(IMAGE_SIZE, dtype="float32") - CENTRE) / CENTRE
    across, down = ops.reshape(ramp, (1, 1, -1, 1)), ops.reshape(ramp, (1, -1, 1, 1))
    lit = view * (1 + _each(light[:, 0]) * across + _each(light[:, 1]) * down)
    bent = WHITE * ops.power(ops.clip(lit / WHITE, 0.0, 1.0), _each(gamma))
    changed = (gamma[:, 0] != 1) | (light[:, 0] != 0) | (light[:, 1] != 0)
    return ops.where(_each(changed), bent, view)  # to the bit what it was, where nothing is to be changed


def _blurred(view: keras.KerasTensor) -> keras.KerasTensor:
    """Return the mean of the 3 × 3 pixels around each, taken twice, which is near a Gaussian of 1.2 pixels."""
    for _ in range(2):
        view = ops.average_pool(view, 3, strides=1, padding="same")
    return view


def _erased(view: keras.KerasTensor, box: keras.KerasTensor) -> keras.KerasTensor:
    top, bottom, left, right = (_each(box[:, side]) for side in range(4))
    position = ops.arange(IMAGE_SIZE, dtype="float32")
    row, column = ops.reshape(position, (1, -1, 1, 1)), ops.reshape(position, (1, 1, -1, 1))
    erased = (row >= top) & (row < bottom) & (column >= left) & (column < right)
    return ops.where(erased, GREY, view)


def _each(values: keras.KerasTensor) -> keras.KerasTensor:
    """Shape one value per picture so that it applies to all of its pixels."""
    return ops.reshape(values, (-1, 1, 1, 1))
