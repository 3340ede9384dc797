"""Dense SIFT as published."""

import cv2
import numpy as np

from openfer.descriptors import raw_dsift
from openfer.descriptors.settings import RawGrid

GRID = RawGrid(step=12, diameter=12.0)


def test_a_face_has_2048_whole_numbers_unscaled_and_a_flat_one_zeros():
    faces = np.random.default_rng(0).integers(0, 256, (258, 48, 48), dtype=np.uint8)
    faces[3] = 77
    found = raw_dsift.describe(faces, GRID)
    assert (found.shape, found.dtype) == ((258, 2048), np.float32)
    assert raw_dsift.length(GRID) == 2048
    assert np.array_equal(found, np.rint(found))
    lengths = np.linalg.norm(found.reshape(-1, 128), axis=1)
    assert np.median(lengths) > 500
    assert not found[3].any()
    alone = raw_dsift.describe(faces[[257]], GRID)
    assert np.array_equal(found[257], alone[0])


def test_points_begin_in_the_corner_and_are_ordered_by_row_and_column():
    face = np.random.default_rng(1).integers(0, 256, (48, 48), dtype=np.uint8)
    found = raw_dsift.describe(face[np.newaxis], GRID).reshape(4, 4, 128)
    assert raw_dsift.places(GRID).tolist() == [0, 12, 24, 36]
    for row, column in ((0, 0), (1, 3), (3, 1)):
        point = cv2.KeyPoint(12.0 * column, 12.0 * row, 12, angle=0)
        assert np.array_equal(found[row, column], cv2.SIFT_create().compute(face, [point])[1][0])
