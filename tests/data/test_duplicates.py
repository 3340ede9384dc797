import numpy as np

from openfer.data.duplicates import first_twins, twins


def pictures(*values):
    return np.array([np.full((2, 2), value, np.uint8) for value in values])


def test_twins_are_byte_identical_images_only():
    images = pictures(1, 2, 3)
    images[2, 1, 1] = 4
    assert twins(images, pictures(3, 2)).tolist() == [False, True, False]


def test_twins_of_nothing():
    assert twins(pictures(1), np.empty((0, 2, 2), np.uint8)).tolist() == [False]


def test_first_twins_point_at_the_first_of_each_group():
    assert first_twins(pictures(5, 6, 5, 7, 6, 5)).tolist() == [0, 1, 0, 3, 1, 0]
