"""Histograms of oriented gradients, of the whole face and of windows."""

import time

import numpy as np
import pytest

from openfer.descriptors import hog
from openfer.descriptors.settings import Hog, SlidingHog

skimage = pytest.importorskip("skimage.feature", reason="needs requirements-baselines.txt")

WHOLE = Hog(orientations=8, cell=16)
SLIDING = SlidingHog(orientations=8, cell=8, window=24, step=6)


@pytest.fixture(scope="module")
def faces():
    """260 pictures of noise, more than a chunk; number 7 is flat."""
    pictures = np.random.default_rng(0).integers(0, 256, (260, 48, 48), dtype=np.uint8)
    pictures[7] = 128
    return pictures


def by_skimage(picture, settings):
    cell = (settings.cell, settings.cell)
    return skimage.hog(picture, settings.orientations, cell, (1, 1), block_norm="L1").astype(np.float32)


def test_the_whole_face_has_72_values_which_are_those_of_a_call_of_scikit_image(faces):
    found = hog.describe(faces, WHOLE)
    assert (found.shape, found.dtype) == ((260, 72), np.float32)
    assert hog.length(WHOLE) == 72
    for face in (0, 7, 255, 256, 259):
        assert np.array_equal(found[face], by_skimage(faces[face], WHOLE))


def test_windows_have_2592_values_which_are_those_of_a_call_of_scikit_image_for_each_that_it_takes(faces):
    found = hog.describe_windows(faces, SLIDING)
    assert (found.shape, found.dtype) == ((260, 2592), np.float32)
    assert hog.sliding_length(SLIDING) == 2592
    for face in (0, 7, 255, 256, 259):
        crops = [faces[face, y : y + 24, x : x + 24] for y in range(0, 48, 6) for x in range(0, 48, 6)]
        held = [by_skimage(crop, SLIDING) for crop in crops if min(crop.shape) >= 8]
        assert (len(crops), len(held)) == (64, 49)  # scikit-image refuses the 15 windows that are 6 pixels high or wide
        assert np.array_equal(found[face], np.concatenate(held))


@pytest.mark.parametrize(("window", "step", "cell"), [(24, 6, 8), (23, 7, 5), (15, 9, 7), (48, 48, 3), (2, 31, 2)])
def test_any_windows_and_cells_are_described_as_scikit_image_does(faces, window, step, cell):
    settings = SlidingHog(orientations=9, cell=cell, window=window, step=step)
    crops = [faces[3, rows, columns] for rows, columns in hog.windows(settings)]
    held = np.concatenate([by_skimage(crop, settings) for crop in crops if min(crop.shape) >= cell])
    found = hog.describe_windows(faces[3:5], settings)
    assert found.shape == (2, hog.sliding_length(settings))
    assert np.array_equal(found[0], held)


def test_a_cell_sums_to_1_and_a_flat_face_is_zero(faces):
    found = hog.describe(faces, WHOLE)
    assert found[0].reshape(9, 8).sum(axis=1) == pytest.approx(np.ones(9), abs=1e-4)
    assert not found[7].any()


def test_fer2013_is_described_in_minutes(faces):
    """35,887 faces; this machine takes 2 minutes where nothing else runs on it."""
    start = time.process_time()
    hog.describe_windows(faces, SLIDING)
    assert (time.process_time() - start) / len(faces) * 35_887 < 600
