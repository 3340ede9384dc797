"""Dense SIFT on the grid."""

from dataclasses import replace

import numpy as np
import pytest

from openfer.descriptors import dsift
from openfer.descriptors.settings import Grid

GRID = Grid(step=12, sizes=(4.0,), sigma=0.55, normalisation="rootsift")
FACES = np.random.default_rng(0).integers(0, 256, (300, 48, 48), dtype=np.uint8)


@pytest.fixture(scope="module")
def features():
    return dsift.describe(FACES, GRID)


def by_point(features):
    """Return (n, 2, row, column, 128) of one size."""
    return features.reshape(len(features), 2, 4, 4, 128)


def test_a_step_of_12_describes_the_middles_of_the_16_cells(features):
    assert dsift.centres(12).tolist() == [6, 18, 30, 42]
    assert (features.shape, features.dtype) == ((300, 2, 2048), np.float32)


def test_an_odd_step_gives_a_regular_grid_of_whole_pixels():
    assert dsift.centres(7).tolist() == [3, 10, 17, 24, 31, 38, 45]


def test_the_length_counts_points_and_sizes():
    two_sizes = dsift.describe(FACES[:2], replace(GRID, step=8, sizes=(2.0, 4.0)))
    assert two_sizes.shape == (2, 2, dsift.length(replace(GRID, step=8, sizes=(2.0, 4.0)))) == (2, 2, 6 * 6 * 2 * 128)


def test_sizes_stand_one_after_the_other(features):
    both = dsift.describe(FACES[:2], replace(GRID, sizes=(2.0, 4.0)))
    assert np.allclose(both[..., 2048:], features[:2], atol=0.05)
    assert not np.allclose(both[..., :2048], features[:2], atol=0.05)


@pytest.mark.parametrize("normalisation", ["rootsift", "l2"])
def test_every_point_has_unit_l2_norm(normalisation):
    features = dsift.describe(FACES[:4], replace(GRID, normalisation=normalisation))
    assert np.allclose(np.linalg.norm(by_point(features), axis=-1), 1, atol=1e-5)


def test_rootsift_is_the_root_of_the_l1_normalised_descriptor(features):
    l2 = by_point(dsift.describe(FACES[:4], replace(GRID, normalisation="l2")))
    expected = np.sqrt(l2 / l2.sum(axis=-1, keepdims=True))
    assert np.allclose(by_point(features[:4]), expected, atol=1e-5)


def test_view_1_describes_the_mirror_image(features):
    flipped = dsift.describe(FACES[:, :, ::-1], GRID)
    assert np.array_equal(flipped[:, 0], features[:, 1])
    assert not np.array_equal(features[:, 0], features[:, 1])


def test_the_number_of_workers_does_not_change_the_features(features):
    assert np.array_equal(dsift.describe(FACES, GRID, workers=1), features)


def test_a_face_alone_is_described_as_among_others(features):
    assert np.array_equal(dsift.describe(FACES[256:257], GRID)[0], features[256])


def test_noise_of_one_grey_level_on_a_flat_face_gives_zeros():
    noisy = np.random.default_rng(0).integers(127, 130, (1, 48, 48), dtype=np.uint8)
    assert not dsift.describe(noisy, GRID).any()


@pytest.mark.parametrize(("row", "column"), [(0, 0), (1, 2), (3, 3)])
def test_a_spot_is_seen_from_its_own_cell_and_not_from_far_away(row, column):
    face = np.full((1, 48, 48), 100, np.uint8)
    y, x = 6 + 12 * row, 6 + 12 * column
    face[0, y - 2 : y + 2, x - 2 : x + 2] = 255
    seen = by_point(dsift.describe(face, replace(GRID, sizes=(2.0,))))[0, 0].any(axis=-1)
    assert np.argwhere(seen).tolist() == [[row, column]]


def test_a_patch_covers_six_sizes_across():
    face = np.full((1, 48, 48), 100, np.uint8)
    face[0, :, 30:] = 200
    seen = {
        size: by_point(dsift.describe(face, replace(GRID, sizes=(size,))))[0, 0, 1].any(axis=-1).tolist()
        for size in (2.0, 5.0)
    }
    assert seen == {2.0: [False, False, True, False], 5.0: [False, True, True, True]}
