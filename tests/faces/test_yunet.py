"""YuNet finds small faces in large pictures, faces that fill them, tilted ones, and no others."""

import hashlib
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest

from openfer.faces import eyes, yunet
from openfer.faces.alignment import cut_out
from openfer.faces.yunet import YuNet
from tests.imports import ROOT
from tests.photos import alike, astronaut, grace_hopper, grid, hits, portrait, tilted


@pytest.fixture(scope="module")
def detector() -> YuNet:
    return YuNet()


def boxes(faces) -> np.ndarray:
    return np.array([face.box for face in faces])


def side(face) -> float:
    return float(np.sqrt(face.box[2] * face.box[3]))


@pytest.mark.parametrize("module", [yunet, eyes], ids=["YuNet", "BlazeFace"])
def test_the_weights_are_those_that_their_page_names(module):
    page = (module.WEIGHTS.parent / "README.md").read_text(encoding="utf-8")
    (line,) = [line for line in page.splitlines() if f"`{module.WEIGHTS.name}`" in line]
    assert hashlib.sha256(module.WEIGHTS.read_bytes()).hexdigest() == re.search(r"\b[0-9a-f]{64}\b", line)[0]


@pytest.mark.parametrize(("height", "width", "pixels"), [(1080, 1920, 24), (2000, 3000, 32), (2000, 3000, 60)])
def test_small_faces_are_found_in_large_pictures(detector, height, width, pixels):
    picture, middles = grid(height, width, pixels, 30)
    found = detector(picture)
    assert hits(boxes(found), middles, pixels) >= 29
    assert len(found) <= 30
    assert np.median([side(face) for face in found]) == pytest.approx(pixels, rel=0.15)


@pytest.mark.parametrize("pixels", [40, 150, 400])
def test_faces_on_the_seams_of_a_picture_looked_at_in_pieces_are_found_once(detector, pixels):
    picture, middles = grid(4000, 7000, pixels, 60)
    assert max(picture.shape) * yunet.HINT / detector.smallest > 2 * yunet.PIECE  # there are seams
    found = detector(picture)
    assert hits(boxes(found), middles, pixels) == len(found) == 60


def test_a_picture_of_40_megapixels_takes_no_more_memory_than_its_pieces():
    code = (
        "import numpy as np; from openfer.faces.yunet import YuNet; from tests.memory import peak; "
        "assert YuNet()(np.full((5000, 8000, 3), 90, np.uint8)) == []; print(peak())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 0.55e9


@pytest.mark.parametrize("length", [480, 1280, 4000])
def test_the_smallest_face_is_the_same_in_a_picture_of_any_size(length):
    picture = np.full((length * 3 // 4, length, 3), 96, np.uint8)
    picture[100:196, 200:296] = portrait(48)
    assert len(YuNet(smallest=36)(picture)) == 1
    assert YuNet(smallest=72)(picture) == []


@pytest.mark.parametrize("length", [300, 1000, 3000])
@pytest.mark.parametrize("around", [0.0, 0.25], ids=["over the border", "with hair"])
def test_a_face_that_fills_its_picture_is_found_once(detector, length, around):
    (face,) = detector(astronaut())
    left, top, width, height = face.box
    margin = around * height
    part = astronaut()[int(top - margin) : int(top + height + margin), int(left - margin) : int(left + width + margin)]
    large = cv2.resize(part, None, fx=length / len(part), fy=length / len(part), interpolation=cv2.INTER_CUBIC)
    (found,) = detector(large)
    assert side(found) > 0.5 * length / (1 + 2 * around)


@pytest.mark.parametrize("angle", np.linspace(-45, 45, 9))
def test_a_tilted_face_is_found_and_cut_out_upright(detector, angle):
    upright, turned = portrait(150), tilted(portrait(150), angle)
    (one,), (other,) = detector(upright), detector(turned)
    assert alike(cut_out(upright, one), cut_out(turned, other)) > 0.75


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_face_in_a_picture_that_lies_on_its_side_is_found_and_cut_out_upright(detector, quarters):
    upright, turned = astronaut(), np.rot90(astronaut(), quarters)
    (one,), (other,) = detector(upright), detector(turned)
    assert alike(cut_out(upright, one), cut_out(turned, other)) > 0.75


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_what_is_found_in_a_turned_picture_is_where_it_is_in_the_picture(detector, quarters):
    """Also where the picture as it is would show it, so that all three turns are seen."""
    (expected,) = detector._upright(astronaut())
    turned = np.rot90(astronaut(), quarters)
    mask = np.zeros(turned.shape[:2], bool)
    left, top, width, height = (round(value) for value in detector._turned(turned)[0].box)
    mask[top : top + height, left : left + width] = True
    y, x = np.nonzero(np.rot90(mask, -quarters))
    assert (x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1) == pytest.approx(expected.box, abs=2)


@pytest.mark.parametrize("angle", [60, 75, 105, 120, 180, 240, 285, 300])
def test_a_face_turned_further_is_found_and_cut_out_upright(detector, angle):
    upright, turned = portrait(150), tilted(portrait(150), angle)
    (one,), (other,) = detector(upright), detector(turned)
    assert alike(cut_out(upright, one), cut_out(turned, other)) > 0.7


def test_a_picture_is_turned_only_where_nothing_is_found(detector, monkeypatch):
    monkeypatch.setattr(detector, "_turned", lambda _: pytest.fail("turned"))
    assert len(detector(astronaut())) == 1


def test_faces_are_surer_than_what_is_none(detector):
    """The confidence orders: two portraits come before all that a look with another threshold takes for a face."""
    looks = {name: detector._look(picture) for name, picture in {"a": astronaut(), "b": grace_hopper()}.items()}
    for found in looks.values():
        assert found[0].confidence > 0.9
        assert all(face.confidence < 0.5 for face in found[1:])


def test_a_portrait_in_little_light_has_one_face(detector):
    dark = (astronaut() * 0.15).astype(np.uint8)
    assert len(detector(dark)) == 1


def test_people_who_stand_close_are_not_joined(detector):
    pair = np.hstack([portrait(60)[:, 20:100], portrait(60)[:, 20:100]])
    large = cv2.resize(pair, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    assert len(detector(pair)) == len(detector(large)) == 2


def test_the_detector_tells_nothing_by_itself(capfd):
    YuNet()(np.zeros((700, 900, 3), np.uint8))
    YuNet()(astronaut())
    assert capfd.readouterr() == ("", "")
