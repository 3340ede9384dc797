"""A section of baselines/params.yaml becomes the recipe and the views that it says."""

import numpy as np
import pytest

from baselines.recipes import ranges, recipe
from baselines.settings import Common, Published, Views
from openfer.training.augmentation import draw
from pipeline import params
from tests.imports import ROOT

COMMON = Common(seed=7, backend="tensorflow", precision="float32", width=0.5)
NETWORKS = [name for name in params.BaselineParams.model_fields if name not in ("train", "svm", "features")]


def how(**views: object) -> Published:
    return Published(9, 5, 64, "momentum", 0.016, 0.95, 0.864, 50, "last", Views(**views))


def test_every_number_of_the_section_is_in_the_recipe():
    made = recipe(COMMON, how(rotation=0, shift=0, scale=0, mirror=False))
    assert (made.seed, made.precision, made.epochs, made.batch_size, made.keep) == (7, "float32", 5, 64, "last")
    assert (made.optimizer, made.learning_rate, made.momentum) == ("momentum", 0.016, 0.95)
    assert (made.decay, made.decay_steps) == (0.864, 50)


def test_where_the_authors_augmented_nothing_every_view_is_the_face_itself():
    drawn = draw(np.random.default_rng(1), 200, ranges(how(rotation=0, shift=0, scale=0, mirror=False)).after(0.5))
    assert not drawn["mirrored"].any()
    np.testing.assert_array_equal(drawn["transform"], np.tile([1, 0, 0, 0, 1, 0, 0, 0], (200, 1)))
    assert (drawn["gain"] == 1).all()
    assert (drawn["gamma"] == 1).all()
    np.testing.assert_array_equal(drawn["box"][:, 0], drawn["box"][:, 1])


def test_where_they_turned_and_mirrored_views_are_turned_and_mirrored_to_the_last_epoch():
    drawn = draw(np.random.default_rng(1), 200, ranges(how(rotation=10, shift=0, scale=0, mirror=True)).after(1.0))
    assert 0.4 < drawn["mirrored"].mean() < 0.6
    angles = np.rad2deg(np.arctan2(-drawn["transform"][:, 3], drawn["transform"][:, 4]))
    assert 9 < np.abs(angles).max() <= 10


def test_where_they_shifted_and_scaled_each_has_its_own_range():
    drawn = draw(np.random.default_rng(1), 200, ranges(how(rotation=0, shift=0.3, scale=0.05, mirror=False)).after(0.5))
    reduced, moved = drawn["transform"][:, 0], drawn["transform"][:, 2]  # about the middle, 23.5
    assert 0.04 < np.abs(1 / reduced - 1).max() <= 0.0501
    shifts = np.abs((23.5 - moved) / reduced - 23.5)
    assert 0.29 * 48 < shifts.max() <= 0.3 * 48 + 1e-3


TURNED = (10, 0.1, 0.1, True)
PLAIN = (0, 0, 0, False)
PUBLISHED = {
    "reference_cnn": (100, 100, "adam", 1e-4, 0.9, 1.0, "best", TURNED),
    "reference_vgg": (100, 100, "adam", 1e-4, 0.9, 1.0, "best", TURNED),
    "shallow": (15, 128, "adam", 1e-3, 0.9, 1.0, "last", PLAIN),
    "deep": (124, 128, "adam", 1e-3, 0.9, 1.0, "last", PLAIN),
    "model_a": (13, 128, "momentum", 0.016, 0.95, 0.864, "last", PLAIN),
    "model_b": (13, 128, "momentum", 0.016, 0.95, 0.864, "last", PLAIN),
    "blog": (11, 256, "adam", 1e-3, 0.9, 1.0, "last", PLAIN),
    "vgg_like": (100, 64, "adam", 1e-3, 0.9, 1.0, "last", PLAIN),
    "mini_xception": (10_000, 32, "adam", 1e-3, 0.9, 1.0, "best", TURNED),
}
"""Epochs, faces a step, optimizer, its rate, its momentum, decay of the rate, epoch that is kept, views."""


@pytest.mark.parametrize("name", NETWORKS)
def test_the_numbers_are_those_of_the_authors(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    found = params.load(name, params.BASELINES)
    views = (found.views.rotation, found.views.shift, found.views.scale, found.views.mirror)
    steps = (found.published_epochs, found.batch_size, found.optimizer, found.learning_rate)
    assert (*steps, found.momentum, found.decay, found.keep, views) == PUBLISHED[name]
    assert found.decay_steps == 50


@pytest.mark.parametrize("name", NETWORKS)
def test_no_network_is_trained_longer_than_published(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    section = params.load(name, params.BASELINES)
    assert section.epochs <= section.published_epochs
