"""Landmarks: where they are, what a face without any gets, and what is said of a predictor that is not there."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from openfer.descriptors import landmarks
from openfer.descriptors.landmarks import LandmarkError
from openfer.emotions import EMOTIONS
from sample.face import draw_face
from sample.portrait import draw
from tests.imports import ROOT

dlib = pytest.importorskip("dlib", reason="needs requirements-baselines.txt")


@pytest.fixture(scope="module")
def predictor():
    if not landmarks.predictor_file().is_file():
        pytest.skip("needs requirements-baselines.txt")
    return landmarks.load_predictor()


@pytest.fixture(scope="module")
def drawn():
    """28 drawn faces, four of each emotion."""
    generator = np.random.default_rng(0)
    return np.stack([draw(draw_face(generator, emotion, 0)) for emotion in EMOTIONS for _ in range(4)])


def numbered(count):
    """Pictures of the full range of greys whose third pixel is their number."""
    pictures = np.full((count, 48, 48), 128, np.uint8)
    pictures[:, 0, :2] = 0, 255
    pictures[:, 0, 2] = np.arange(count)
    return pictures


def number_of(picture, points=landmarks.POINTS):
    """A predictor that places every landmark at the number of the picture."""
    place = SimpleNamespace(x=int(picture[0, 2]), y=int(picture[0, 2]) + 1)
    return SimpleNamespace(parts=lambda: [place] * points)


def test_landmarks_are_those_of_dlib_in_the_published_rectangle_of_the_stretched_face(predictor, drawn):
    found = landmarks.place(drawn, predictor)
    assert (found.shape, found.dtype) == ((28, 136), np.float32)
    for face in (0, 13, 27):
        grey = drawn[face].astype(float)
        stretched = np.rint((grey - grey.min()) * 255 / (grey.max() - grey.min())).astype(np.uint8)
        shape = predictor(stretched, dlib.rectangle(1, 1, 47, 47))
        assert found[face].reshape(68, 2).tolist() == [[point.x, point.y] for point in shape.parts()]


def test_landmarks_are_where_the_parts_of_drawn_faces_are(predictor, drawn):
    x, y = landmarks.place(drawn, predictor).reshape(-1, 68, 2).mean(axis=0).T
    brows, right_eye, left_eye, nose, mouth, chin = slice(17, 27), slice(36, 42), slice(42, 48), 33, slice(48, 68), 8
    assert x[right_eye].max() < x[nose] < x[left_eye].min()
    assert y[brows].mean() < y[36:48].mean() < y[nose] < y[mouth].mean() < y[chin]


def test_light_added_to_a_face_moves_no_landmark(predictor, drawn):
    faint = drawn // 2
    assert np.array_equal(landmarks.place(faint, predictor), landmarks.place(faint + 100, predictor))


def test_faces_keep_their_rows_whatever_fails_between_them():
    pictures = numbered(20)
    pictures[[2, 3, 19]] = 128  # of one grey value

    def predictor(picture, rectangle):
        if picture[0, 2] == 7:
            raise RuntimeError("dlib failed")
        return number_of(picture, points=5 if picture[0, 2] == 11 else 68)

    training = np.arange(20) < 10
    shapes, rows = landmarks.filled(landmarks.place(pictures, predictor), training)
    assert rows.tolist() == [2, 3, 7, 11, 19]
    kept = np.setdiff1d(np.arange(20), rows)
    assert np.array_equal(shapes[kept, 0], kept)
    assert np.array_equal(shapes[kept, 1], kept + 1)
    assert np.isfinite(shapes).all()


def test_a_face_without_landmarks_gets_the_mean_shape_of_training_alone():
    placed = np.repeat(np.array([1, np.nan, 3, 100, np.nan], np.float32)[:, np.newaxis], 136, axis=1)
    shapes, rows = landmarks.filled(placed, np.array([True, True, True, False, False]))
    assert rows.tolist() == [1, 4]
    assert shapes[:, 0].tolist() == [1, 2, 3, 100, 2]
    assert np.isnan(placed[1]).all()  # what was given stays


def test_an_error_that_is_none_of_the_predictor_is_not_passed_over():
    def predictor(picture, rectangle):
        raise TypeError("a mistake in the code")

    with pytest.raises(TypeError):
        landmarks.place(numbered(3), predictor)


def test_without_a_landmark_on_any_training_face_there_is_one_line():
    with pytest.raises(LandmarkError, match="none of the 2 Training faces has landmarks"):
        landmarks.filled(np.full((3, 136), np.nan, np.float32), np.array([True, True, False]))


def test_a_missing_file_is_one_line_that_names_its_place_and_the_package(tmp_path):
    with pytest.raises(LandmarkError) as caught:
        landmarks.load_predictor(tmp_path / "shapes.dat")
    assert str(caught.value) == (
        f"{tmp_path / 'shapes.dat'}, which places landmarks, is missing: face_recognition_models 0.3.0 of PyPI brings "
        "it, `pip install -r requirements-baselines.txt`"
    )


@pytest.mark.parametrize("content", [b"", b"a page that says: not found", b"\0" * 10_000])
def test_a_damaged_file_is_one_line_with_what_was_found(tmp_path, content):
    path = tmp_path / "shapes.dat"
    path.write_bytes(content)
    with pytest.raises(LandmarkError) as caught:
        landmarks.load_predictor(path)
    said = str(caught.value)
    assert said.startswith(
        f"{path}, which places landmarks, is damaged: its SHA-256 must begin with fbdc2cb8. Received: "
    )
    assert f"{hashlib.sha256(content).hexdigest()[:8]}, {len(content):,} bytes" in said
    assert "--force-reinstall" in said
    assert "\n" not in said


def test_a_file_that_is_cut_off_is_damaged(predictor, tmp_path):
    path = tmp_path / "shapes.dat"
    path.write_bytes(landmarks.predictor_file().read_bytes()[:-1])
    with pytest.raises(LandmarkError, match="99,693,936 bytes"):
        landmarks.load_predictor(path)


def test_without_the_package_the_file_is_expected_where_pip_would_put_it(monkeypatch):
    monkeypatch.setattr(landmarks, "PACKAGE", "no_such_package")
    path = landmarks.predictor_file()
    assert path.parts[-3:] == ("no_such_package", "models", "shape_predictor_68_face_landmarks.dat")
    assert path.parents[2] == Path(np.__file__).parents[1]


def test_the_package_that_is_named_is_the_one_that_is_required():
    required = (ROOT / "requirements-baselines.txt").read_text(encoding="utf-8")
    assert f"{landmarks.PACKAGE}==0.3.0" in required
