"""Where did the network look: at what changes the prediction once it is covered."""

from types import SimpleNamespace

import numpy as np

from openfer.faces.saliency import heat_map, occlusion


def bright_corner(faces: np.ndarray, views: object) -> np.ndarray:
    """Be as happy as the lower right corner is bright."""
    happy = faces[:, 36:, 36:].mean(axis=(1, 2)) / 255
    probabilities = np.zeros((len(faces), 7))
    probabilities[:, 3], probabilities[:, 6] = happy, 1 - happy
    return probabilities


def test_what_the_prediction_depends_on_is_hot_and_nothing_else():
    face = np.zeros((48, 48), np.uint8)
    face[36:, 36:] = 250
    heat = occlusion(SimpleNamespace(predict=bright_corner), face)
    assert heat.shape == (48, 48)
    assert heat.max() == 1
    assert heat[38:, 38:].min() > 0.3
    assert heat[:26, :26].max() == 0


def test_the_map_is_the_face_with_its_heat_in_colour():
    face = np.full((48, 48), 100, np.uint8)
    heat = np.zeros((48, 48))
    heat[40:, 40:] = 1
    picture = heat_map(face, heat, side=96)
    assert picture.shape == (96, 96, 3)
    assert picture[-4:, -4:].mean() > picture[:40, :40].mean() + 30
