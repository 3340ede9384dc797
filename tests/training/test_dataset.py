"""A data set keeps picture, label and descriptors of a row together; a mirror image has its own descriptor."""

import numpy as np
import pytest

from openfer.networks.inputs import DESCRIPTOR, IMAGE
from openfer.training.dataset import Dataset


@pytest.fixture
def faces():
    """Six faces whose every value is the number of the row; the mirror image's descriptor is negative."""
    rows = np.arange(1, 7)
    images = np.broadcast_to(rows[:, None, None], (6, 48, 48)).astype(np.uint8)
    descriptors = np.stack([rows, -rows], axis=1)[..., None] * np.ones(3, np.float32)
    return Dataset(images, rows.astype(np.uint8), descriptors.astype(np.float32))


@pytest.fixture
def plain(faces):
    return Dataset(faces.images, faces.labels)


@pytest.mark.parametrize("rows", [np.array([False, True, False, False, True, False]), np.array([1, 4])])
def test_select_takes_the_rows_of_a_mask_or_of_indices(faces, rows):
    selected = faces.select(rows)
    assert len(selected) == 2
    assert selected.labels.tolist() == [2, 5]
    assert selected.images[:, 0, 0].tolist() == [2, 5]
    assert selected.descriptors[:, :, 0].tolist() == [[2, -2], [5, -5]]


def test_select_keeps_the_order_of_indices(faces):
    assert faces.select(np.array([5, 0, 0])).labels.tolist() == [6, 1, 1]


def test_select_copies(faces):
    selected = faces.select(np.array([0]))
    selected.images[:] = 0
    selected.descriptors[:] = 0
    assert faces.images[0, 0, 0] == 1
    assert faces.descriptors[0, 0, 0] == 1


def test_without_descriptors_there_is_one_input(plain):
    (images,) = plain.select(np.array([2])).inputs()
    assert (images.shape, images.dtype) == ((1, 48, 48, 1), np.uint8)
    assert plain.descriptor_size == 0


def test_inputs_are_the_pictures_and_the_descriptors_of_the_picture_itself(faces):
    images, descriptors = faces.inputs()
    np.testing.assert_array_equal(images[..., 0], faces.images)
    np.testing.assert_array_equal(descriptors, faces.descriptors[:, 0])
    assert faces.descriptor_size == 3


def test_mirrored_picks_the_descriptor_but_leaves_the_picture(faces):
    images, descriptors = faces.inputs(mirrored=1)
    np.testing.assert_array_equal(images[..., 0], faces.images)
    np.testing.assert_array_equal(descriptors, faces.descriptors[:, 1])


def test_mirrored_may_be_another_one_for_each_row(faces):
    _, descriptors = faces.inputs(np.array([0, 1, 1, 0, 0, 1]))
    assert descriptors[:, 0].tolist() == [1, -2, -3, 4, 5, -6]


def test_statistics_are_taken_of_the_descriptors_of_faces_and_mirror_images(faces, plain):
    inputs = faces.inputs_with_mirror_images()
    assert inputs[IMAGE].shape == (6, 48, 48, 1)
    assert inputs[DESCRIPTOR].shape == (6, 2, 3)
    assert list(plain.inputs_with_mirror_images()) == [IMAGE]
