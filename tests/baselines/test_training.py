"""A published network is prepared from the faces that it learns from, and only then trained."""

import numpy as np

from baselines.networks.layers import Variant
from baselines.recipes import ranges, recipe
from baselines.settings import Common, Published, Views
from baselines.training import train_network
from openfer.training.checkpoints import Checkpoints
from tests.training.small import faces

COMMON = Common(seed=7, backend="tensorflow", precision="float32", width=0.02)
HOW = Published(9, 1, 16, "adam", 0.001, 0.9, 1.0, 50, "last", Views(0, 0, 0, mirror=False))


def test_pixels_are_standardised_by_mean_and_deviation_of_training(tmp_path):
    training, public, rows = faces(48), faces(16), []
    arguments = ("vgg_like", "vgg_like", Variant(COMMON.width), training, public, recipe(COMMON, HOW), ranges(HOW))
    network, history = train_network(*arguments, Checkpoints(tmp_path), rows.append)
    standardise = network.get_layer("standardise_image")
    np.testing.assert_allclose(np.squeeze(standardise.mean), training.images.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(np.squeeze(standardise.variance), training.images.var(axis=0), rtol=1e-3)
    assert [row["epoch"] for row in history] == [row["epoch"] for row in rows] == [1]
