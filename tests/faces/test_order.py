"""Faces are numbered from left to right."""

import numpy as np

from openfer.faces.alignment import Face
from openfer.faces.order import left_to_right
from openfer.faces.predictor import Expression


def test_faces_are_ordered_by_their_middle_and_downwards():
    boxes = [(300, 0, 50, 50), (0, 0, 200, 200), (20, 30, 40, 40), (300, -40, 50, 50)]
    faces = [Expression(Face(box, 0.9), np.full(7, 1 / 7), 0.5, 50.0) for box in boxes]
    assert [one.face.box for one in left_to_right(faces)] == [boxes[2], boxes[1], boxes[3], boxes[0]]
