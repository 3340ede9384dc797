"""Faces are cut out upright, with the eyes where FER2013 has them, whatever the size and angle of the picture."""

import cv2
import numpy as np
import pytest

from openfer.faces.alignment import EYES, HAAR_BOX, LONGEST, Face, cut_out, find, without_doubles


def with_dots(eyes: np.ndarray, size: tuple[int, int] = (300, 400)) -> np.ndarray:
    """A grey picture with a white dot on each eye, as large as the face would have it."""
    picture = np.full((*size, 3), 60, np.uint8)
    radius = max(1, round(float(np.linalg.norm(eyes[1] - eyes[0])) / 12))
    for x, y in eyes:
        cv2.circle(picture, (round(x), round(y)), radius, (255, 255, 255), -1)
    return picture


def bright_places(crop: np.ndarray) -> np.ndarray:
    """Centres of the two bright spots, left and right."""
    halves = [(crop[:, :24], 0), (crop[:, 24:], 24)]
    places = []
    for half, start in halves:
        weights = np.clip(half.astype(float) - 70, 0, None)
        y, x = np.indices(half.shape)
        places.append(((x * weights).sum() / weights.sum() + start, (y * weights).sum() / weights.sum()))
    return np.array(places)


@pytest.mark.parametrize(
    "eyes",
    [
        [(100, 120), (180, 120)],
        [(100, 120), (170, 150)],
        [(120, 160), (180, 110)],
        [(200, 100), (220, 100)],
        [(30, 60), (60, 60)],
    ],
    ids=["level", "tilted", "tilted back", "small", "at the border"],
)
def test_eyes_land_where_fer2013_has_them(eyes):
    eyes = np.array(eyes, float)
    crop = cut_out(with_dots(eyes), Face((0, 0, 1, 1), 1.0, eyes))
    assert (crop.shape, crop.dtype) == ((48, 48), np.uint8)
    assert np.abs(bright_places(crop) - EYES).max() < 0.7


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
    crop = cut_out(np.repeat(face[..., None], 3, axis=2), Face((0, 0, 48, 48), 1.0, EYES))
    assert np.abs(crop.astype(int) - face).max() <= 1


@pytest.mark.parametrize("times", [0.5, 2, 4, 10])
@pytest.mark.parametrize("eyes", [True, False], ids=["by the eyes", "by the box"])
def test_a_fer2013_face_of_another_size_is_not_displaced(times, eyes):
    """A bright spot on grey comes out where it was, to a tenth of a pixel."""
    y, x = np.mgrid[:48, :48]
    face = (60 + 180 * np.exp(-((x - 20.3) ** 2 + (y - 29.6) ** 2) / 18)).astype(np.uint8)
    picture = cv2.resize(np.repeat(face[..., None], 3, axis=2), None, fx=times, fy=times, interpolation=cv2.INTER_AREA)
    left, top, side = (times * value for value in HAAR_BOX)
    crop = cut_out(picture, Face((left, top, side, side), 1.0, EYES * times if eyes else None)).astype(float)
    spot = np.clip(crop - 80, 0, None)
    assert ((spot * x).sum() / spot.sum(), (spot * y).sum() / spot.sum()) == pytest.approx((20.3, 29.6), abs=0.1)


def test_large_pictures_are_searched_small_and_places_come_back_large():
    seen = []

    def detector(picture: np.ndarray) -> list[Face]:
        seen.append(picture.shape)
        return [Face((10, 20, 30, 40), 0.9, np.array([(12.0, 25.0), (30.0, 25.0)]))]

    (face,) = find(np.zeros((LONGEST, 2 * LONGEST, 3), np.uint8), detector)
    assert seen == [(LONGEST // 2, LONGEST, 3)]
    assert face.box == (20, 40, 60, 80)
    assert face.eyes.tolist() == [[24, 50], [60, 50]]
    assert face.confidence == 0.9


def test_small_pictures_are_searched_as_they_are():
    assert find(np.zeros((10, 12, 3), np.uint8), lambda picture: [Face((*picture.shape, 1), 1.0)])[0].box[:2] == (
        10,
        12,
    )


def test_of_two_finds_of_a_face_the_surer_stays():
    sure, double, other = Face((10, 10, 50, 50), 0.9), Face((12, 8, 60, 60), 0.6), Face((100, 10, 50, 50), 0.5)
    assert without_doubles([other, double, sure]) == [sure, other]
