"""What every detector does: the one face of a portrait, none where there is none, from several threads at once."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from openfer.app import cli
from openfer.faces.alignment import SMALLEST, Detector, DetectorError, cut_out
from openfer.faces.detectors import DETECTORS, YuNet, create
from tests.photos import alike, astronaut, grace_hopper

EYES = np.array([(271, 96), (312, 98)])
"""Of the astronaut, as a person sees them."""


@pytest.fixture(scope="module", params=DETECTORS)
def detector(request) -> Iterator[Detector]:
    with contextlib.closing(create(request.param)) as made:
        yield made


def test_the_astronaut_has_one_face_with_two_eyes(detector):
    (face,) = detector(astronaut())
    left, top, width, height = face.box
    assert 230 < left < 260
    assert 50 < top < 90
    assert 80 < width <= height < 110
    assert 0.5 < face.confidence <= 1
    assert np.abs(face.eyes - EYES).max() < 6


def test_a_portrait_with_glasses_and_cap_has_one_face(detector):
    (face,) = detector(grace_hopper())
    assert 140 < face.box[0] < 190


@pytest.mark.parametrize(
    "picture",
    [np.zeros((480, 640, 3), np.uint8), np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)],
    ids=["black", "noise"],
)
def test_where_there_is_no_face_none_is_found(detector, picture):
    assert detector(picture) == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (20, 20, 3), (5, 300, 3), (300, 5, 3), (2, 4000, 3)], ids=str)
def test_tiny_and_thin_pictures_are_no_error(detector, shape):
    assert detector(np.full(shape, 128, np.uint8)) == []


def test_two_people_are_two_faces(detector):
    pair = np.hstack([astronaut(), astronaut()])
    assert sorted(round(face.box[0], -2) for face in detector(pair)) == [200, 900]


def test_the_same_face_is_cut_out_of_a_larger_picture(detector):
    photo = astronaut()
    large = cv2.resize(photo, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    assert alike(*(cut_out(picture, detector(picture)[0]) for picture in (photo, large))) > 0.9


def test_a_face_in_a_panorama_is_found(detector):
    panorama = np.full((230, 1380, 3), 96, np.uint8)
    panorama[:, 900:1207] = cv2.resize(astronaut(), (307, 230), interpolation=cv2.INTER_AREA)
    (face,) = detector(panorama)
    assert 900 < face.box[0] < 1207


def test_the_picture_stays_as_it_was(detector):
    photo = astronaut()
    photo.flags.writeable = False
    detector(photo)
    np.testing.assert_array_equal(photo, astronaut())


def test_threads_that_search_at_once_find_what_one_finds(detector):
    pictures = [astronaut(), grace_hopper(), np.roll(astronaut(), 40, axis=1)] * 4
    alone = [[face.box for face in detector(picture)] for picture in pictures]
    with ThreadPoolExecutor(3) as pool:
        together = pool.map(lambda picture: [face.box for face in detector(picture)], pictures)
    assert list(together) == alone


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize("smallest", [0, -24, 11, 24.5, float("nan"), True, "24", None])
def test_a_smallest_face_that_no_detector_finds_is_refused(name, smallest):
    with pytest.raises(DetectorError, match=r"^smallest must be a whole number of pixels, \d\d or more\. Received: "):
        create(name, smallest)


def test_a_detector_of_another_name_is_refused_with_those_there_are():
    with pytest.raises(DetectorError, match="one of yunet, haar"):
        create("blazeface")


def test_the_default_is_yunet_here_and_in_the_program():
    assert isinstance(create(), YuNet)
    assert tuple(DETECTORS) == cli.DETECTORS
    assert SMALLEST == cli.SMALLEST
