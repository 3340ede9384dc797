"""The ensembles are the reference project's six, all six models, and the three on pixels; members count alike."""

import numpy as np
import pytest

from openfer.errors import Refused
from openfer.evaluation.ensemble import ENSEMBLES, MODELS, SYSTEMS, combine, display_name, members, systems
from pipeline.paths import model_name


@pytest.fixture(scope="module")
def probabilities():
    rng = np.random.default_rng(0)
    return {model: rng.dirichlet(np.ones(7), 5).astype(np.float32) for model in MODELS}


def test_the_models_are_two_networks_with_each_descriptor_or_none_and_a_third_family():
    names = [model_name(network, descriptor) for network in ("cnn", "vgg") for descriptor in (None, "sift", "dsift")]
    assert list(MODELS) == [*names, "resnet"]


def test_the_members_are_those_of_the_reference_all_six_and_the_three_families():
    assert {name: members(name) for name in ENSEMBLES} == {
        "cnn+sift": ("cnn", "cnn-sift"),
        "cnn+dsift": ("cnn", "cnn-dsift"),
        "cnn-all": ("cnn", "cnn-sift", "cnn-dsift"),
        "vgg+sift": ("vgg", "vgg-sift"),
        "vgg+dsift": ("vgg", "vgg-dsift"),
        "vgg-all": ("vgg", "vgg-sift", "vgg-dsift"),
        "all": ("cnn", "cnn-sift", "cnn-dsift", "vgg", "vgg-sift", "vgg-dsift"),
        "best": ("cnn", "vgg", "resnet"),
    }


def test_a_model_is_its_only_member():
    assert {model: members(model) for model in MODELS} == {model: (model,) for model in MODELS}


def test_another_name_is_one_line_with_those_that_there_are():
    with pytest.raises(Refused, match=r"is one of cnn, cnn-sift, .*, best\. Received: 'vgg\+surf'$"):
        members("vgg+surf")


def test_combine_takes_the_mean_of_each_probability():
    first, second = np.eye(7)[[0, 1]], np.eye(7)[[0, 3]]
    combined = combine([first, second])
    np.testing.assert_array_equal(combined[0], np.eye(7)[0])
    np.testing.assert_array_equal(combined[1], [0, 0.5, 0, 0.5, 0, 0, 0])


def test_the_probabilities_of_an_ensemble_sum_to_one(probabilities):
    for values in systems(probabilities).values():
        np.testing.assert_allclose(values.sum(axis=1), 1, atol=1e-6)


def test_systems_are_the_models_as_they_are_and_the_ensembles_of_their_members(probabilities):
    found = systems(probabilities)
    assert list(found) == [*MODELS, *ENSEMBLES] == list(SYSTEMS)
    for model in MODELS:
        np.testing.assert_array_equal(found[model], probabilities[model])
        assert found[model].dtype == probabilities[model].dtype
    expected = (probabilities["vgg"] + probabilities["vgg-dsift"]) / 2
    np.testing.assert_allclose(found["vgg+dsift"], expected, rtol=1e-6)


def test_some_systems_need_their_members_alone(probabilities):
    two = {model: probabilities[model] for model in ("cnn", "cnn-sift")}
    assert list(systems(two, ["cnn+sift", "cnn"])) == ["cnn+sift", "cnn"]


def test_every_system_has_a_display_name_of_its_own():
    names = [display_name(system) for system in SYSTEMS]
    assert len(set(names)) == len(SYSTEMS)
    assert display_name("vgg-dsift") == "DSIFT-VGG"
    assert display_name("cnn+sift") == "CNN + SIFT-CNN"
