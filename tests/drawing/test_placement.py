"""Labels cover no face and no other label, stay in the picture, and those apart are tied to their own face."""

import itertools

import numpy as np
import pytest

from openfer.drawing.placement import Rectangle, clipped, places


def layout(seed: int) -> tuple[list[Rectangle], list[tuple[int, int]], tuple[int, int]]:
    """Faces, sizes of their labels, and size of a picture, at random: one to sixty faces, some over the border."""
    rng = np.random.default_rng(seed)
    extent = tuple(rng.integers(40, 900, 2).tolist())
    side = rng.uniform(0.02, 0.6) * min(extent)
    boxes = [(*rng.uniform(-0.3 * side, extent), *rng.uniform(0.5, 1.5, 2) * side) for _ in range(rng.integers(1, 60))]
    sizes = [(int(wide), 20) for wide in rng.integers(10, 160, len(boxes))]
    return [clipped(box, extent) for box in boxes], sizes, extent


def meet(one: Rectangle, other: Rectangle) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


@pytest.mark.parametrize("seed", range(150))
def test_no_label_covers_a_face_or_a_label_or_leaves_the_picture(seed):
    faces, sizes, extent = layout(seed)
    found = [place for place in places(faces, sizes, extent, 2) if place]
    for place in found:
        left, top, right, bottom = place.area
        assert 0 <= left < right <= extent[0] and 0 <= top < bottom <= extent[1]
        assert not any(meet(place.area, face) for face in faces)
    assert not any(meet(one.area, other.area) for one, other in itertools.combinations(found, 2))


@pytest.mark.parametrize("seed", range(40))
def test_a_label_has_its_size_and_a_leader_goes_from_it_to_its_own_face(seed):
    faces, sizes, extent = layout(seed)
    for face, size, place in zip(faces, sizes, places(faces, sizes, extent, 2), strict=True):
        if place:
            assert (place.area.right - place.area.left, place.area.bottom - place.area.top) == size
        if place and place.leader:
            for (x, y), area in zip(place.leader, (place.area, face), strict=True):
                assert area.left <= x <= area.right and area.top <= y <= area.bottom


def test_a_face_alone_has_its_label_above_it_and_below_where_there_is_no_room_above():
    assert places([Rectangle(100, 100, 200, 200)], [(60, 20)], (400, 300), 2)[0] == ((100, 78, 160, 98), None)
    assert places([Rectangle(100, 10, 200, 110)], [(60, 20)], (400, 300), 2)[0] == ((100, 112, 160, 132), None)


def test_a_face_among_faces_is_tied_to_a_label_apart():
    ring = [Rectangle(x, y, x + 50, y + 50) for x in (100, 150, 200) for y in (100, 150, 200)]
    found = places(ring, [(40, 15)] * 9, (350, 350), 2)
    assert found[4] is None or found[4].leader
    assert sum(place is not None for place in found) >= 8


def test_where_there_is_no_room_there_is_no_place():
    assert places([Rectangle(0, 0, 48, 48)], [(30, 12)], (48, 48), 1) == [None]
    assert places([], [], (48, 48), 1) == []


def test_a_box_over_the_border_is_cut_and_one_outside_keeps_a_pixel():
    assert clipped((-10.5, 5.2, 30.0, 10.1), (100, 100)) == (0, 5, 20, 16)
    assert clipped((120, 5, 10, 10), (100, 100)) == (99, 5, 100, 15)


def test_two_hundred_faces_take_no_second():
    rng = np.random.default_rng(0)
    faces = [clipped((*rng.uniform(0, 1500, 2), 20, 20), (1600, 1600)) for _ in range(200)]
    assert None not in places(faces, [(30, 16)] * 200, (1600, 1600), 2)
