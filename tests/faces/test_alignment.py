"""Faces are cut out upright, placed as FER2013 has them, whatever the size and angle of the picture."""

import cv2
import numpy as np
import pytest

from openfer.faces.alignment import BOX, Face, cut_out, without_doubles

EYES = np.array([(15.2, 19.1), (33.1, 19.0)])
"""About where FER2013 has the eyes, left and right, x and y in pixels."""


def with_spots(places: np.ndarray, radius: float) -> np.ndarray:
    """A grey picture, (300, 400, 3), with a white spot on each place."""
    y, x = np.mgrid[:300, :400] + 0.5
    spots = sum(np.exp(-((x - left) ** 2 + (y - top) ** 2) / (2 * radius**2)) for left, top in places)
    return np.repeat((60 + 180 * spots).astype(np.uint8)[..., None], 3, axis=2)


def bright_places(crop: np.ndarray) -> np.ndarray:
    """Middles of the two bright spots, left and right."""
    y, x = np.mgrid[:48, :48] + 0.5
    weights = np.clip(crop.astype(float) - 80, 0, None)
    halves = [weights * (x < 24), weights * (x > 24)]
    return np.array([((x * half).sum() / half.sum(), (y * half).sum() / half.sum()) for half in halves])


@pytest.mark.parametrize("angle", [0, 20, -35, 80, 180, -120])
@pytest.mark.parametrize("times", [1.0, 3.0])
def test_the_box_says_where_and_how_large_the_eyes_say_how_tilted(angle, times):
    """Spots on the cheeks come out where they are on FER2013's faces, however the face lies in the picture."""
    turn = times * np.array([[np.cos(a := np.radians(angle)), -np.sin(a)], [np.sin(a), np.cos(a)]])
    middle, there = np.array([180.0, 150.0]), np.array([BOX[0], BOX[1]]) + BOX[2] / 2
    cheeks = np.array([(14.0, 30.0), (34.0, 30.0)])
    picture = with_spots((cheeks - there) @ turn.T + middle, radius=2 * times)
    side = BOX[2] * times
    face = Face((*(middle - side / 2), side, side), 1.0, (EYES * (1, 0) - there) @ turn.T + middle)
    crop = cut_out(picture, face)
    assert (crop.shape, crop.dtype) == ((48, 48), np.uint8)
    assert np.abs(bright_places(crop) - cheeks).max() < 0.3


def test_a_box_counts_by_its_middle_and_its_area():
    picture = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    square, tall = Face((60, 60, 60, 60), 1.0), Face((65, 54, 50, 72), 1.0)
    np.testing.assert_array_equal(cut_out(picture, square), cut_out(picture, tall))


def test_a_face_of_a_huge_picture_is_averaged_not_sampled():
    noise = np.random.default_rng(0).integers(0, 256, (2000, 2000, 1), np.uint8)
    crop = cut_out(np.repeat(noise, 3, axis=2), Face((200, 200, 1500, 1500), 1.0))
    assert crop.std() < 12
    assert crop.mean() == pytest.approx(127.5, abs=2)


def test_without_eyes_the_box_becomes_the_crop_with_its_margin():
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[50:143, 60:153] = 255
    crop = cut_out(picture, Face((60, 50, 93, 93), 1.0))
    assert (crop[2:45, 2:45] > 200).all()
    assert crop[:, -1].mean() < 200


def test_a_face_over_the_border_repeats_the_border():
    picture = np.full((100, 100, 3), 200, np.uint8)
    assert (cut_out(picture, Face((-40, -40, 90, 90), 1.0)) == 200).all()
    assert (cut_out(picture, Face((500, 500, 50, 50), 1.0)) == 200).all()


def test_a_fer2013_face_that_fills_its_picture_comes_out_as_it_is():
    face = np.random.default_rng(0).integers(0, 256, (12, 12), np.uint8)
    face = cv2.resize(face, (48, 48), interpolation=cv2.INTER_CUBIC)
    crop = cut_out(np.repeat(face[..., None], 3, axis=2), Face((BOX[0], BOX[1], BOX[2], BOX[2]), 1.0, EYES * (1, 0)))
    assert np.abs(crop.astype(int) - face).max() <= 1


@pytest.mark.parametrize("times", [0.5, 2, 4, 10])
@pytest.mark.parametrize("eyes", [True, False], ids=["with eyes", "without eyes"])
def test_a_fer2013_face_of_another_size_is_not_displaced(times, eyes):
    """A bright spot on grey comes out where it was, to a tenth of a pixel."""
    y, x = np.mgrid[:48, :48]
    face = (60 + 180 * np.exp(-((x - 20.3) ** 2 + (y - 29.6) ** 2) / 18)).astype(np.uint8)
    picture = cv2.resize(np.repeat(face[..., None], 3, axis=2), None, fx=times, fy=times, interpolation=cv2.INTER_AREA)
    left, top, side = (times * value for value in BOX)
    crop = cut_out(picture, Face((left, top, side, side), 1.0, EYES * (times, 0) if eyes else None)).astype(float)
    spot = np.clip(crop - 80, 0, None)
    assert ((spot * x).sum() / spot.sum(), (spot * y).sum() / spot.sum()) == pytest.approx((20.3, 29.6), abs=0.1)


def test_a_face_of_a_part_is_moved_to_where_it_is_in_the_picture():
    face = Face((10, 20, 30, 40), 0.9, np.array([(12.0, 25.0), (30.0, 25.0)])).moved(0.5, left=100, top=10)
    assert face.box == (120, 50, 60, 80)
    assert face.eyes.tolist() == [[124, 60], [160, 60]]
    assert face.confidence == 0.9


def test_of_two_finds_of_a_face_the_surer_stays():
    sure, double, other = Face((10, 10, 50, 50), 0.9), Face((12, 8, 60, 60), 0.6), Face((100, 10, 50, 50), 0.5)
    assert without_doubles([other, double, sure]) == [sure, other]
