"""Exported networks say what the Keras networks say, one by one and together."""

import keras
import numpy as np
import onnxruntime
import pytest

from openfer.export.conversion import joined, to_onnx
from openfer.networks.layers import standardise
from openfer.training.dataset import Dataset
from tests.networks.test_networks import network_of

COUNT = 100
RNG = np.random.default_rng(0)
FACES = RNG.integers(0, 256, (COUNT, 48, 48), np.uint8)
FEATURES = {"sift": RNG.random((COUNT, 2, 6), np.float32), "dsift": RNG.random((COUNT, 2, 4), np.float32)}


def trained(name: str, descriptor: str | None) -> tuple[keras.Model, str | None]:
    """A network with random weights and statistics that are not those it was born with."""
    keras.utils.set_random_seed(len(name))
    features = FEATURES.get(descriptor)
    network = network_of(name, 0 if features is None else features.shape[-1])
    dataset = Dataset(FACES, np.zeros(COUNT, np.uint8), features)
    standardise(network, dataset.inputs_of_both_views())
    return network, descriptor


MEMBERS = {
    "vgg": trained("vgg", None),
    "cnn-sift": trained("cnn", "sift"),
    "vgg-dsift": trained("vgg", "dsift"),
    "cnn-dsift": trained("cnn", "dsift"),
}


def expected(names) -> np.ndarray:
    """The mean of the members, from Keras."""
    found = []
    for name in names:
        network, descriptor = MEMBERS[name]
        inputs = [FACES[..., None].astype(np.float32)] + ([FEATURES[descriptor][:, 0]] if descriptor else [])
        found.append(keras.ops.convert_to_numpy(network(inputs, training=False)))
    return np.mean(found, axis=0)


@pytest.mark.parametrize("names", [("vgg",), ("cnn-sift",), tuple(MEMBERS)], ids=" ".join)
def test_parity_on_100_faces(names):
    members = {name: to_onnx(*MEMBERS[name]) for name in names}
    content = joined(members) if len(members) > 1 else members[names[0]]
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    given = {"image": FACES[..., None].astype(np.float32)} | {key: value[:, 0] for key, value in FEATURES.items()}
    inputs = {tensor.name: given[tensor.name] for tensor in session.get_inputs()}
    wanted = {"image"} | {MEMBERS[name][1] for name in names} - {None}
    assert inputs.keys() == wanted
    (probabilities,) = session.run(None, inputs)
    np.testing.assert_allclose(probabilities, expected(names), atol=1e-4)
    assert np.ptp(probabilities, axis=0).max() > 1e-3
