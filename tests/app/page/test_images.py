"""Pictures for a browser: small enough, with their faces marked where they are."""

import numpy as np

from openfer.app.page.images import marked, shrunk, shrunk_size
from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression
from tests.photos import astronaut


def test_a_large_picture_is_reduced_to_even_sides_and_a_small_one_is_left_as_it_is():
    picture = astronaut()
    assert shrunk(picture.repeat(4, axis=0).repeat(4, axis=1), 1280).shape == (960, 1280, 3)
    assert shrunk(picture, 1280) is picture
    assert shrunk_size((30, 9000), 1600) == (6, 1600)
    assert shrunk_size((640, 481), 1600) == (640, 481)


def test_a_reduced_picture_has_its_marks_where_the_face_is():
    picture = astronaut().repeat(4, axis=0).repeat(4, axis=1)
    face = Expression(Face((988, 320, 344, 440), 1.0), np.eye(7)[3], 0.5, 50.0)
    changed = (marked(picture, [face], (), 640) != shrunk(picture, 640)).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert 235 < columns.min() < 250 and 180 < rows.max() < 200
