"""Trained Keras networks → ONNX, one network or an ensemble; nothing of Keras is needed to run the result."""

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import onnx

from fer.dataset import IMAGE

ANSWER = "emotions"
"""The output of an exported network."""


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
    mean = keras.layers.Average(name=ANSWER)(outputs) if len(outputs) > 1 else outputs[0]
    return keras.Model(list(inputs.values()), mean, name="joined")


def to_onnx(network: keras.Model) -> bytes:
    """Convert a network; the names of its inputs are kept, and the same network gives the same bytes."""
    logging.getLogger("tf2onnx").setLevel(logging.WARNING)  # at INFO it tells of each pass of its optimizer
    network([np.zeros((1, *tensor.shape[1:]), np.float32) for tensor in network.inputs], training=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        network.export(path, format="onnx", verbose=False)
        model = onnx.load(path)
    _rename(model.graph)
    return model.SerializeToString(deterministic=True)


def _rename(graph: onnx.GraphProto) -> None:
    """Name everything but inputs and output by its place: the converter's names differ from run to run."""
    names = {value.name: value.name for value in graph.input} | {graph.output[0].name: ANSWER}
    for number, node in enumerate(graph.node):
        node.name = f"{node.op_type}{number}"
        for place, name in enumerate(node.input):
            names.setdefault(name, f"{node.name}_input{place}")
        for name in node.output:
            names.setdefault(name, node.name)
        node.input[:], node.output[:] = ([names[name] for name in tensors] for tensors in (node.input, node.output))
    for value in (*graph.initializer, *graph.output):
        value.name = names[value.name]
    graph.initializer.sort(key=lambda tensor: tensor.name)
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "faces"
    graph.doc_string = ""
    del graph.value_info[:]  # shapes of what lies between, under the old names


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
