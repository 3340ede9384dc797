"""The layer that augments pictures in the graph, on the accelerator; never part of a saved network."""

import keras
from keras import ops

from openfer.emotions import IMAGE_SIZE


class Augment(keras.layers.Layer):
    """Apply what is drawn to pictures (n, 48, 48, 1) of grey values 0–255; positions outside repeat the border."""

    def call(
        self, image: keras.KerasTensor, transform: keras.KerasTensor, gain: keras.KerasTensor, box: keras.KerasTensor
    ) -> keras.KerasTensor:
        """Warp, change the contrast about mid-grey, erase; see `draw` for the arguments."""
        augmented = ops.image.affine_transform(
            image, transform, interpolation="bilinear", fill_mode="nearest", data_format="channels_last"
        )
        middle = 127.5
        augmented = (augmented - middle) * ops.reshape(gain, (-1, 1, 1, 1)) + middle
        top, bottom, left, right = (ops.reshape(box[:, side], (-1, 1, 1, 1)) for side in range(4))
        position = ops.arange(IMAGE_SIZE, dtype="float32")
        row, column = ops.reshape(position, (1, -1, 1, 1)), ops.reshape(position, (1, 1, -1, 1))
        erased = (row >= top) & (row < bottom) & (column >= left) & (column < right)
        return ops.where(erased, middle, augmented)

    def compute_output_shape(self, image: tuple, *_: tuple, **__: tuple) -> tuple:
        """Return the shape of the pictures: augmented, they are as large as before."""
        return image
