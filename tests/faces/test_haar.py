"""OpenCV's cascade, for who asks for it: the smallest face is what was asked for, whatever the size of the picture."""

import cv2
import numpy as np
import pytest

from openfer.faces.alignment import DetectorError
from openfer.faces.haar import Haar
from tests.photos import astronaut


@pytest.mark.parametrize("times", [1, 3])
def test_places_are_those_of_the_picture_also_where_it_was_reduced(times):
    picture = cv2.resize(astronaut(), None, fx=times, fy=times, interpolation=cv2.INTER_AREA)
    (face,) = Haar(smallest=60 * times)(picture)
    assert np.array(face.box) / times == pytest.approx((246, 61, 92, 92), abs=10)
    assert face.eyes / times == pytest.approx(np.array([(271, 96), (312, 98)]), abs=6)


def test_the_smallest_face_is_the_same_in_a_picture_of_any_size():
    for width in (640, 2000):
        picture = np.full((480, width, 3), 96, np.uint8)
        picture[:, :640] = astronaut()
        assert len(Haar(smallest=80)(picture)) == 1
        assert Haar(smallest=120)(picture) == []


def test_an_opencv_without_cascades_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(cv2.data, "haarcascades", str(tmp_path))
    with pytest.raises(DetectorError, match=r"lacks haarcascade_frontalface_alt2\.xml"):
        Haar()
