"""Trained Keras networks → ONNX, one network or an ensemble; nothing of Keras is needed to run the result."""

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import onnx

from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.networks.inputs import DESCRIPTOR

OUTPUT = "emotions"
"""Name of the output of an exported network."""

PARITY = 1e-4
"""The most by which a probability of an exported network may differ."""

LEFT_OUT = ""
"""What a node of ONNX has in place of the name of an optional input that is left out."""


def to_onnx(network: keras.Model, descriptor: str | None) -> bytes:
    """Convert a trained network; the same network gives the same bytes.

    Args:
        network: what `openfer.networks.build` made.
        descriptor: what it needs beside the picture, "sift", "dsift" or None.

    Returns:
        A network from "image" (n, 48, 48, 1), and an input named after the descriptor, to "emotions" (n, 7).
    """
    logging.getLogger("tf2onnx").setLevel(logging.WARNING)  # at INFO it logs each pass of its optimizer
    plain = _without_statistics(network)
    plain([np.zeros((1, *tensor.shape[1:]), np.float32) for tensor in plain.inputs], training=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        plain.export(path, format="onnx", verbose=False)
        model = onnx.load(path)
    rename(model.graph, {DESCRIPTOR: descriptor})
    return _checked(model)


def of_seven(network: keras.Model) -> keras.Model:
    """Return a network whose answers are FER2013's seven expressions alone, (n, 7): an eighth is left out.

    Args:
        network: what `openfer.networks.build` made, of seven or eight classes.
    """
    (output,) = network.outputs
    if output.shape[-1] == len(EMOTIONS):
        return network
    kept = output[:, : len(EMOTIONS)]
    return keras.Model(network.inputs, kept / keras.ops.sum(kept, axis=1, keepdims=True), name=network.name)


def joined(members: Mapping[str, bytes]) -> bytes:
    """Make one network of several that averages their probabilities; inputs of the same name are shared.

    Args:
        members: name → network, as `to_onnx` returns it; one alone stays as it is.
    """
    if len(members) == 1:
        return next(iter(members.values()))
    models = [
        onnx.compose.add_prefix(onnx.load_from_string(content), f"{name}/", rename_inputs=False)
        for name, content in members.items()
    ]
    graphs = [model.graph for model in models]
    output = onnx.ValueInfoProto()
    output.CopyFrom(graphs[0].output[0])
    output.name = OUTPUT
    mean = onnx.helper.make_node("Mean", [graph.output[0].name for graph in graphs], [OUTPUT], name=OUTPUT)
    graph = onnx.helper.make_graph(
        [*(node for graph in graphs for node in graph.node), mean],
        "joined",
        list({value.name: value for graph in graphs for value in graph.input}.values()),
        [output],
        [tensor for graph in graphs for tensor in graph.initializer],
    )
    versions = {"opset_imports": models[0].opset_import, "ir_version": models[0].ir_version}
    return _checked(onnx.helper.make_model(graph, **versions))


def require_parity(name: str, exported: np.ndarray, expected: np.ndarray) -> None:
    """Refuse an exported model whose probabilities (n, 7) are not those of the Keras networks."""
    difference = float(np.abs(exported - expected).max())
    if not difference <= PARITY:  # also where it is not a number
        raise Refused(f"{name}: a probability of the exported model differs by {difference:.2g}, more than {PARITY}")


def rename(graph: onnx.GraphProto, inputs: Mapping[str, str | None]) -> None:
    """Name all but inputs and output by their place, since the converter's names differ from run to run.

    Args:
        graph: changed in place; it has one output.
        inputs: new names of inputs, by the old ones; others keep theirs.
    """
    names = {LEFT_OUT: LEFT_OUT, graph.output[0].name: OUTPUT}
    names |= {value.name: inputs.get(value.name, value.name) for value in graph.input}
    for number, node in enumerate(graph.node):
        node.name = f"{node.op_type}{number}"
        for place, name in enumerate(node.input):
            names.setdefault(name, f"{node.name}_input{place}")
        for place, name in enumerate(node.output):
            names.setdefault(name, f"{node.name}_output{place}" if place else node.name)
        node.input[:], node.output[:] = ([names[name] for name in tensors] for tensors in (node.input, node.output))
    for value in (*graph.initializer, *graph.input, *graph.output):
        value.name = names[value.name]
    graph.initializer.sort(key=lambda tensor: tensor.name)
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "faces"
    graph.doc_string = ""
    del graph.value_info[:]  # shapes of what lies between, under the old names


def _checked(model: onnx.ModelProto) -> bytes:
    """Return the bytes of a model whose names, types and shapes ONNX's own checker accepts."""
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def _without_statistics(network: keras.Model) -> keras.Model:
    """Return the same function with a scale and an offset in place of each normalisation layer.

    Keras keeps the statistics of that layer in tensors that its converter takes for inputs of the network.
    """

    def cloned(layer: keras.Layer) -> keras.Layer:
        if not isinstance(layer, keras.Layer):  # an operation, which holds nothing
            return layer
        if not isinstance(layer, keras.layers.Normalization):
            return type(layer).from_config(layer.get_config())
        mean, variance = (np.ravel(keras.ops.convert_to_numpy(values)) for values in (layer.mean, layer.variance))
        scale = 1 / np.maximum(np.sqrt(variance), keras.config.epsilon())
        return keras.layers.Rescaling(scale.tolist(), (-mean * scale).tolist(), name=layer.name)

    clone = keras.models.clone_model(network, clone_function=cloned)
    for layer in network.layers:
        if not isinstance(layer, keras.layers.Normalization):
            clone.get_layer(layer.name).set_weights(layer.get_weights())
    return clone
