"""Ten crops: five places and their mirror images, cut out as they say."""

import numpy as np
import pytest

from openfer.prediction.crops import BOTH, PLAIN, SHIFT, TEN, crop_of


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(2).integers(0, 256, (4, 48, 48), np.uint8)


def test_ten_crops_are_the_face_and_four_corners_and_their_mirror_images():
    places = [(0, 0), (-SHIFT, -SHIFT), (-SHIFT, SHIFT), (SHIFT, -SHIFT), (SHIFT, SHIFT)]
    assert sorted(TEN) == sorted((mirrored, place) for mirrored in (0, 1) for place in places)
    assert len(TEN) == 10


def test_both_are_the_face_and_its_mirror_image(images):
    plain, mirrored = (crop_of(images, crop) for crop in BOTH)
    np.testing.assert_array_equal(plain, images)
    np.testing.assert_array_equal(mirrored, images[:, :, ::-1])
    assert BOTH[0] == PLAIN


@pytest.mark.parametrize("channels", [(), (1,)])
def test_a_shifted_crop_moves_down_and_right_and_repeats_the_border(images, channels):
    images = images.reshape(*images.shape, *channels)
    found = crop_of(images, (0, (3, -2)))
    np.testing.assert_array_equal(found[:, 3:, :-2], images[:, :-3, 2:])
    np.testing.assert_array_equal(found[:, 3:, -2:], images[:, :-3, [-1, -1]])
    np.testing.assert_array_equal(found[:, :3], found[:, [3, 3, 3]])


def test_a_mirrored_crop_is_mirrored_and_then_shifted(images):
    np.testing.assert_array_equal(crop_of(images, (1, (1, 2))), crop_of(images[:, :, ::-1], (0, (1, 2))))
