"""Faces marked in their picture: nothing covers a face, everybody has a number, what is unsure is seen as such."""

import importlib

import cv2
import numpy as np
import pytest

from openfer.drawing.annotation import annotated, overlay
from openfer.drawing.lettering import label
from openfer.drawing.palette import COLOURS
from openfer.emotions import EMOTIONS
from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression

GROUND = 90


def expression(box, emotion="happy", unsure=False) -> Expression:
    shares = np.where(np.array(EMOTIONS) == emotion, 0.7, 0.05)
    return Expression(Face(tuple(map(float, box)), 0.9), shares, 0.9 if unsure else 0.5, 50.0)


def scene(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), GROUND, np.uint8)


def grid(step: int, side: int) -> list[Expression]:
    """Faces in rows over 640 × 480."""
    boxes = [(x, y, side, side) for x in range(4, 640 - side, step) for y in range(4, 480 - side, step)]
    return [expression(box, EMOTIONS[number % 7], number % 3 == 0) for number, box in enumerate(boxes)]


@pytest.mark.parametrize(
    ("draw", "step", "side"),
    [
        *[(annotated, step, side) for step, side in ((64, 58), (64, 44), (90, 50), (160, 90), (220, 150))],
        *[(overlay, step, side) for step, side in ((70, 44), (90, 50), (160, 90), (220, 150))],
    ],
)
def test_nothing_is_drawn_over_a_face_but_its_box(draw, step, side):
    expressions = grid(step, side)
    drawn = draw(scene(480, 640), expressions)
    for found in expressions:
        left, top, width, height = map(int, found.face.box)
        assert (drawn[top + 4 : top + height - 4, left + 4 : left + width - 4] == GROUND).all(), found.face.box


@pytest.mark.parametrize("draw", [annotated, overlay])
def test_a_crowd_has_numbers_in_the_picture_and_photographs_a_legend_beside_it(draw):
    expressions = grid(70, 44)
    drawn = draw(scene(480, 640), expressions)
    assert drawn.shape[0] == 480
    assert (drawn.shape[1] > 640) == (draw is annotated)
    for found in expressions:  # the plate has more of the colour of the emotion than a box alone
        left, top, width, height = map(int, found.face.box)
        around = drawn[max(0, top - 20) : top + height + 20, max(0, left - 20) : min(640, left + width + 20)]
        box = 4 * 44 / (2 if found.unsure else 1)
        assert (around == COLOURS[found.emotion]).all(axis=2).sum() > box + 40


def test_a_crop_is_enlarged_and_all_that_is_written_stands_beside_it():
    crop = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    drawn = annotated(crop, [expression((0, 0, 48, 48))])
    assert drawn.shape[0] == 384 and drawn.shape[1] > 384 + 150
    large = cv2.resize(crop, (384, 384), interpolation=cv2.INTER_CUBIC)
    assert np.array_equal(drawn[8:376, 8:376], large[8:376, 8:376])


@pytest.mark.parametrize("shape", [(48, 48), (480, 640), (600, 90), (8, 1000)])
def test_a_frame_of_a_film_keeps_its_size(shape):
    box = (0, 0, shape[1], shape[0])
    for faces in ([], [expression(box)], [expression(box), expression(box)]):
        assert overlay(scene(*shape), faces).shape == (*shape, 3)


def test_a_face_that_fills_a_frame_has_its_label_at_the_chin():
    drawn = overlay(scene(240, 320), [expression((0, 0, 320, 240))])
    rows = np.flatnonzero((drawn[:, 20:300] == COLOURS["happy"]).all(axis=2).sum(axis=1) > 20)
    assert len(rows) and rows.min() > 200


@pytest.mark.parametrize("draw", [annotated, overlay])
def test_the_box_of_an_unsure_face_is_dashed(draw):
    left = [draw(scene(480, 640), [expression((200, 200, 100, 100), unsure=unsure)])[200:300, 200] for unsure in (0, 1)]
    sure, unsure = ((line == COLOURS["happy"]).all(axis=1).sum() for line in left)
    assert sure > 95 and 30 < unsure < 75


def test_a_label_says_whether_it_is_sure():
    assert label(expression((0, 0, 9, 9))) == "happy 70%"
    assert label(expression((0, 0, 9, 9), unsure=True)) == "happy? 70%"


def test_the_picture_itself_stays_as_it_is():
    picture = scene(480, 640)
    for draw in (annotated, overlay):
        draw(picture, grid(160, 90))
    assert (picture == GROUND).all()


def test_a_picture_without_a_face_is_the_picture():
    assert np.array_equal(annotated(scene(480, 640), []), scene(480, 640))


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 4000, 3), (4000, 3, 3)])
def test_pictures_of_any_shape_are_marked(shape):
    whole = expression((0, 0, shape[1], shape[0]), unsure=True)
    assert annotated(np.zeros(shape, np.uint8), [whole]).dtype == np.uint8
    assert overlay(np.zeros(shape, np.uint8), [whole]).shape == shape


def test_boxes_outside_and_over_the_border_are_no_error():
    boxes = [(-50, -50, 80, 80), (700, 100, 50, 50), (600, 440, 90, 90)]
    assert annotated(scene(480, 640), [expression(box) for box in boxes]).shape == (480, 640, 3)


@pytest.mark.parametrize("module", ["video", "webcam"])
def test_frames_of_films_and_cameras_are_marked_in_their_own_size(module):
    """`annotated` may return a larger picture, which a film cannot take."""
    names = vars(importlib.import_module(f"openfer.app.{module}"))
    assert names["overlay"] is overlay and "annotated" not in names
