"""Trained Keras networks → ONNX, one network or an ensemble; nothing of Keras is needed to run the result."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from fer.dataset import IMAGE


def joined(members: Mapping[str, tuple[keras.Model, str | None]]) -> keras.Model:
    """Return one network that averages the probabilities of several.

    Args:
        members: name → trained network, and the descriptor that it wants ("sift", "dsift") or None.

    Returns:
        A network from "image" (n, 48, 48, 1) and one input a descriptor, named after it, to "emotions" (n, 7).
    """
    inputs: dict[str, keras.KerasTensor] = {}
    outputs = []
    for name, (network, descriptor) in members.items():
        for tensor, own in zip(network.inputs, (IMAGE, descriptor), strict=False):
            inputs.setdefault(own, keras.Input(tensor.shape[1:], name=own))
        plain = _without_statistics(network, name)
        outputs.append(plain([inputs[IMAGE], inputs[descriptor]] if descriptor else inputs[IMAGE]))
    mean = keras.layers.Average(name="emotions")(outputs) if len(outputs) > 1 else outputs[0]
    return keras.Model(list(inputs.values()), mean, name="joined")


def to_onnx(network: keras.Model) -> bytes:
    """Convert a network; the names of its inputs are kept."""
    network([np.zeros((1, *tensor.shape[1:]), np.float32) for tensor in network.inputs], training=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        network.export(path, format="onnx", verbose=False)
        return path.read_bytes()


def _without_statistics(network: keras.Model, name: str) -> keras.Model:
    """Return the same function with a scale and an offset in place of each normalisation layer.

    Keras keeps the statistics of that layer in tensors that its converter takes for inputs of the network.
    """

    def cloned(layer: keras.Layer) -> keras.Layer:
        if not isinstance(layer, keras.layers.Normalization):
            return type(layer).from_config(layer.get_config())
        mean, variance = (np.ravel(keras.ops.convert_to_numpy(values)) for values in (layer.mean, layer.variance))
        scale = 1 / np.maximum(np.sqrt(variance), keras.config.epsilon())
        return keras.layers.Rescaling(scale.tolist(), (-mean * scale).tolist(), name=layer.name)

    clone = keras.models.clone_model(network, clone_function=cloned)
    for layer in network.layers:
        if not isinstance(layer, keras.layers.Normalization):
            clone.get_layer(layer.name).set_weights(layer.get_weights())
    clone.name = name
    return clone
