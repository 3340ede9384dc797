"""Exported networks predict what the Keras networks predict, one by one and together, and keep the rules of ONNX."""

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from openfer.errors import Refused
from openfer.export.conversion import PARITY, joined, rename, require_parity, to_onnx
from openfer.networks.build import build
from openfer.networks.layers import standardise
from openfer.networks.settings import Fusion, Sizes
from openfer.training.dataset import Dataset
from tests.export.models import linear_network

COUNT = 100
RNG = np.random.default_rng(0)
FACES = RNG.integers(0, 256, (COUNT, 48, 48), np.uint8)
FEATURES = {"sift": RNG.random((COUNT, 2, 6), np.float32), "dsift": RNG.random((COUNT, 2, 4), np.float32)}
SIZES = Sizes(crop=48, contrast="training", width=2, embedding=8, block_dropout=0.2, dropout=0.3)
FUSION = Fusion(units=8, input_dropout=0.4, dropout=0.5, branch_dropout=0.6)


def network_of(name: str, descriptor: str | None) -> keras.Model:
    """A network with random weights, and statistics that are not those that it starts with."""
    keras.utils.set_random_seed(len(name))
    features = FEATURES.get(descriptor)
    network = build(name, 0 if features is None else features.shape[-1], SIZES, FUSION if descriptor else None)
    standardise(network, Dataset(FACES, np.zeros(COUNT, np.uint8), features).inputs_with_mirror_images())
    return network


NAMES = {
    "vgg": ("vgg", None),
    "cnn-sift": ("cnn", "sift"),
    "vgg-dsift": ("vgg", "dsift"),
    "cnn-dsift": ("cnn", "dsift"),
}


@pytest.fixture(scope="module")
def members():
    """Of each name the network, the descriptor and the exported network."""
    networks = {name: network_of(*parts) for name, parts in NAMES.items()}
    return {name: (network, NAMES[name][1], to_onnx(network, NAMES[name][1])) for name, network in networks.items()}


def expected(members, names) -> np.ndarray:
    """The mean of the members, from Keras."""
    found = []
    for name in names:
        network, descriptor, _ = members[name]
        inputs = [FACES[..., None].astype(np.float32)] + ([FEATURES[descriptor][:, 0]] if descriptor else [])
        found.append(keras.ops.convert_to_numpy(network(inputs, training=False)))
    return np.mean(found, axis=0)


@pytest.mark.parametrize("names", [("vgg",), ("cnn-sift",), tuple(NAMES)], ids=" ".join)
def test_parity_on_100_faces(members, names):
    content = joined({name: members[name][2] for name in names})
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    given = {"image": FACES[..., None].astype(np.float32)} | {key: value[:, 0] for key, value in FEATURES.items()}
    inputs = {tensor.name: given[tensor.name] for tensor in session.get_inputs()}
    assert inputs.keys() == {"image"} | {NAMES[name][1] for name in names} - {None}
    (probabilities,) = session.run(["emotions"], inputs)
    np.testing.assert_allclose(probabilities, expected(members, names), atol=1e-4)
    assert np.ptp(probabilities, axis=0).max() > 1e-3


def test_the_same_network_gives_the_same_bytes(members):
    network, descriptor, content = members["cnn-sift"]
    assert to_onnx(network, descriptor) == content


def test_one_network_alone_stays_as_it_is(members):
    assert joined({"vgg": members["vgg"][2]}) is members["vgg"][2]


def test_every_exported_network_passes_the_checker_of_onnx(monkeypatch, members):
    checked = []
    monkeypatch.setattr(onnx.checker, "check_model", lambda model, full_check: checked.append(len(model.graph.node)))
    to_onnx(*members["vgg"][:2])
    joined({"one": linear_network(1), "two": linear_network(2)})
    assert len(checked) == 2
    assert checked[1] == 2 * 3 + 1


def with_left_out_input() -> onnx.ModelProto:
    """x, once clipped from above alone, in two parts, of which the second is the output."""
    shape = ["n", 4]
    nodes = [
        helper.make_node("Clip", ["x", "", "largest"], ["clipped"]),
        helper.make_node("Split", ["clipped"], ["left", "right"], axis=1, num_outputs=2),
        helper.make_node("Sub", ["right", "left"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "clip",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor("largest", TensorProto.FLOAT, [], [6.0])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def test_an_input_that_is_left_out_stays_left_out_when_names_change():
    model = with_left_out_input()
    onnx.checker.check_model(model, full_check=True)
    rename(model.graph, {"x": "image"})
    onnx.checker.check_model(model, full_check=True)
    assert list(model.graph.node[0].input) == ["image", "", "Clip0_input2"]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (found,) = session.run(["emotions"], {"image": np.array([[-9, 1, 2, 9]], np.float32)})
    assert found.tolist() == [[2 - -9, 6 - 1]]


def test_names_do_not_depend_on_those_of_the_converter():
    one, other = with_left_out_input(), with_left_out_input()
    for node in other.graph.node:
        node.name = f"run2/{node.name}"
        node.input[:] = ["run2" if name == "clipped" else name for name in node.input]
        node.output[:] = ["run2" if name == "clipped" else name for name in node.output]
    for model in (one, other):
        rename(model.graph, {})
    assert one.SerializeToString(deterministic=True) == other.SerializeToString(deterministic=True)


def test_an_export_that_does_not_predict_what_the_network_predicts_is_refused():
    probabilities = np.full((3, 7), 1 / 7)
    require_parity("vgg", probabilities + 0.9 * PARITY, probabilities)
    for exported in (probabilities + 1.1 * PARITY, np.where(np.eye(3, 7), np.nan, probabilities)):
        with pytest.raises(Refused, match="vgg: a probability of the exported model differs by"):
            require_parity("vgg", exported, probabilities)
