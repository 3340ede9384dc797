"""Exported models that need no training and no Keras: a linear classifier of the pixels in ONNX."""

from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from openfer.emotions import EMOTIONS, IMAGE_SIZE
from openfer.export.model_folder import save

FACES = np.random.default_rng(0).integers(0, 256, (8, IMAGE_SIZE, IMAGE_SIZE), np.uint8)


def linear_network(seed: int = 0, classes: int = len(EMOTIONS)) -> bytes:
    """Return a network in ONNX, from "image" (n, 48, 48, 1) to "emotions" (n, classes)."""
    weights = np.random.default_rng(seed).normal(0, 2e-4, (IMAGE_SIZE**2, classes)).astype(np.float32)
    shapes = {"image": ("faces", IMAGE_SIZE, IMAGE_SIZE, 1), "emotions": ("faces", classes)}
    image, emotions = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items())
    nodes = [
        helper.make_node("Flatten", ["image"], ["pixels"]),
        helper.make_node("MatMul", ["pixels", "weights"], ["sums"]),
        helper.make_node("Softmax", ["sums"], ["emotions"]),
    ]
    graph = helper.make_graph(nodes, "linear", [image], [emotions], [numpy_helper.from_array(weights, "weights")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def facts_of(name: str = "vgg", **changes: Any) -> dict[str, Any]:
    """Return what model.json holds; with "emotions" among the changes, of a model that tells these apart."""
    emotions = changes.get("emotions", EMOTIONS)
    facts = {
        "name": name,
        "display_name": name.upper(),
        "labels": "fer2013",
        "temperature": 1.0,
        "prior": {"strength": 1.0, "shares": dict.fromkeys(emotions, 1 / len(emotions))},
        "unsure_below": 0.5,
        "descriptors": {},
        "public_test": {"accuracy": 0.61, "sure_share": 0.7, "sure_accuracy": 0.82},
        "provenance": {f"models/{name}.keras": "0123"},
    }
    return facts | changes


def write_model(folder: Path, name: str = "vgg", seed: int = 0, **changes: Any) -> Path:
    """Write an exported model and return its folder."""
    classes = len(changes.get("emotions", EMOTIONS))
    save(folder, linear_network(seed, classes), facts_of(name, **changes), vocabulary=None)
    return folder
