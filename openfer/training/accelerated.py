"""The accelerated copy of a network that is trained in its place: the same weights, faster arithmetic.

What is measured, saved and shipped is the network itself, in float32 and made of plain Keras layers; only the copy
knows of mixed precision and of a kernel that TensorFlow alone has.
"""

import keras

FIRST, LAST = "standardise", "emotions"
"""How the names of the layers begin that stay in float32: grey values lose digits in bfloat16, so do probabilities."""


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation of pictures in one TensorFlow kernel while training.

    Keras computes mean, variance and result in a dozen passes over memory, in float32; on a CPU that takes as long as
    half of the convolutions. The kernel gives the same values but for rounding, and for the variance that is kept for
    prediction, which it divides by n − 1 in place of n (n = faces × pixels).
    """

    def call(self, inputs: keras.KerasTensor, training: bool | None = None, mask: None = None) -> keras.KerasTensor:
        """Normalise with the statistics of the batch and move the kept ones, or normalise with those."""
        if not training or not self.trainable:  # a frozen one keeps its statistics
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf  # only here: the other backends run without it

        output, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=self.gamma.value,
            offset=self.beta.value,
            mean=tf.zeros([0]),
            variance=tf.zeros([0]),
            epsilon=self.epsilon,
            exponential_avg_factor=1.0,
            is_training=True,
        )
        for kept, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
            kept.assign(kept * self.momentum + new * (1 - self.momentum))
        return output


def accelerated_copy(network: keras.Model, precision: str) -> keras.Model:
    """Build the accelerated copy of a network, with its weights.

    Args:
        network: what `networks.build.build` returned.
        precision: a dtype policy of Keras: "float32" or "mixed_bfloat16" (float32 weights, bfloat16 arithmetic).

    Returns:
        A model of the same structure, whose weights are in the same order.
    """

    def cloned(layer: keras.Layer) -> keras.Layer:
        exact = layer.name.startswith((FIRST, LAST))
        return _kind(layer).from_config(layer.get_config() | {"dtype": "float32" if exact else precision})

    copy = keras.models.clone_model(network, clone_function=cloned)
    copy.set_weights(network.get_weights())
    for layer in copy.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # what it computes with is derived from its weights
    return copy


def _kind(layer: keras.Layer) -> type[keras.Layer]:
    pictures = isinstance(layer, keras.layers.BatchNormalization) and len(layer.input.shape) == 4
    return FusedBatchNormalization if pictures and keras.backend.backend() == "tensorflow" else type(layer)
