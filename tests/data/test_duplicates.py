import numpy as np

from openfer.data.duplicates import first_duplicates, is_duplicate


def pictures(*values):
    return np.array([np.full((2, 2), value, np.uint8) for value in values])


def test_duplicates_are_byte_identical_images_only():
    images = pictures(1, 2, 3)
    images[2, 1, 1] = 4
    assert is_duplicate(images, pictures(3, 2)).tolist() == [False, True, False]


def test_nothing_has_no_duplicate():
    assert is_duplicate(pictures(1), np.empty((0, 2, 2), np.uint8)).tolist() == [False]


def test_first_duplicates_point_at_the_first_of_each_group():
    assert first_duplicates(pictures(5, 6, 5, 7, 6, 5)).tolist() == [0, 1, 0, 3, 1, 0]
