"""Other light: grey values times a factor, whole numbers, white at the end."""

import numpy as np

from openfer.data.light import LIGHTS, lit


def test_grey_values_are_multiplied_rounded_and_end_at_white():
    faces = np.array([[[0, 10, 101, 200]]], np.uint8)
    assert lit(faces, 0.25).tolist() == [[[0, 2, 25, 50]]]
    assert lit(faces, 2).tolist() == [[[0, 20, 202, 255]]]
    assert lit(faces, 2).dtype == np.uint8


def test_the_light_as_it_is_changes_nothing():
    faces = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    np.testing.assert_array_equal(lit(faces, LIGHTS["the light as it is"]), faces)
