"""What the stages read is checked: each damage is one line that names the path, what is wrong and the way back."""

import numpy as np
import pytest

from openfer.data.classes import SEVEN
from openfer.emotions import EMOTIONS, SPLITS
from openfer.errors import WAY_BACK, Refused
from openfer.files import FileError, save_array, save_json
from pipeline import arrays, paths

FACES = 12
COUNTS = np.tile(np.array([[2, 1]], np.int32), (FACES, 1))
SIFT, DSIFT = paths.descriptor_path("sift"), paths.descriptor_path("dsift")

CONTENT = {
    paths.IMAGES: np.zeros((FACES, 48, 48), np.uint8),
    paths.LABELS: np.arange(FACES, dtype=np.uint8) % len(EMOTIONS),
    paths.SPLIT: np.arange(FACES, dtype=np.uint8) % len(SPLITS),
    paths.SIFT_DESCRIPTORS: np.zeros((COUNTS.sum(), 128), np.uint8),
    paths.SIFT_POSITIONS: np.zeros((COUNTS.sum(), 2), np.float32),
    paths.SIFT_COUNTS: COUNTS,
    paths.SIFT_VOCABULARY: np.zeros((5, 128), np.float32),
    SIFT: np.zeros((FACES, 2, 30), np.float16),
    DSIFT: np.zeros((FACES, 2, 40), np.float16),
}


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path, array in CONTENT.items():
        save_array(path, array)
    save_json(paths.EMOTIONS, SEVEN)


def read() -> None:
    """Read all that the stages read."""
    images, _, _ = arrays.faces()
    arrays.key_points(len(images))
    arrays.vocabulary()
    arrays.descriptors("sift", len(images))
    arrays.descriptors("dsift", len(images))


def message() -> str:
    with pytest.raises(FileError) as caught:
        read()
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(WAY_BACK)
    return str(caught.value).removesuffix(f"; {WAY_BACK}")


def with_value(array: np.ndarray, value: float) -> np.ndarray:
    changed = array.copy()
    changed.reshape(-1)[-1] = value
    return changed


def test_what_the_stages_write_is_read():
    read()
    images, labels, split = arrays.faces()
    assert all(array.dtype == np.uint8 for array in (images, labels, split))
    np.testing.assert_array_equal(labels, CONTENT[paths.LABELS])
    np.testing.assert_array_equal(arrays.split(), CONTENT[paths.SPLIT])
    np.testing.assert_array_equal(arrays.images(), images)
    assert arrays.descriptors("dsift", FACES).shape == (FACES, 2, 40)


@pytest.mark.parametrize("path", CONTENT, ids=str)
def test_a_missing_file_is_named(path):
    path.unlink()
    assert message() == f"{path} is missing"


@pytest.mark.parametrize("size", [0, 5, 60, 130, -1])
@pytest.mark.parametrize("path", CONTENT, ids=str)
def test_a_file_that_is_cut_off_is_named(path, size):
    path.write_bytes(path.read_bytes()[:size])
    assert message().startswith(f"{path} is damaged (")


@pytest.mark.parametrize("content", [b"\x93NUMPY\x01\x00v\x00{'descr': F}", b"PK\x03\x04", b"a,b\n1,2\n", b"\x80\x04."])
def test_a_file_that_is_no_array_is_named(content):
    """Also a head that is no Python, a ZIP archive, a table and a pickle."""
    paths.IMAGES.write_bytes(content + bytes(200))
    assert message().startswith(f"{paths.IMAGES} is damaged (")


def test_several_arrays_or_objects_are_no_array():
    with paths.IMAGES.open("wb") as file:
        np.savez(file, images=CONTENT[paths.IMAGES])
    assert message().startswith(f"{paths.IMAGES} is damaged (")
    with paths.IMAGES.open("wb") as file:
        np.save(file, np.array([None, {}]), allow_pickle=True)
    assert message().startswith(f"{paths.IMAGES} is damaged (")


@pytest.mark.parametrize(
    ("path", "array", "received"),
    [
        (paths.IMAGES, CONTENT[paths.IMAGES].astype(float), "n × 48 × 48 uint8. Received: 12 × 48 × 48 float64"),
        (paths.IMAGES, np.zeros((FACES, 48, 40), np.uint8), "n × 48 × 48 uint8. Received: 12 × 48 × 40 uint8"),
        (paths.IMAGES, np.zeros((0, 48, 48), np.uint8), "n × 48 × 48 uint8. Received: 0 × 48 × 48 uint8"),
        (paths.LABELS, CONTENT[paths.LABELS].astype(int), "n uint8. Received: 12 int64"),
        (paths.LABELS, CONTENT[paths.LABELS][:, np.newaxis], "n uint8. Received: 12 × 1 uint8"),
        (paths.SPLIT, np.array(0, np.uint8), "n uint8. Received:  uint8"),
        (paths.SIFT_DESCRIPTORS, np.zeros((36, 64), np.uint8), "n × 128 uint8. Received: 36 × 64 uint8"),
        (paths.SIFT_POSITIONS, np.zeros((36, 3), np.float32), "n × 2 float32. Received: 36 × 3 float32"),
        (paths.SIFT_COUNTS, COUNTS.astype(">i4"), "n × 2 int32. Received: 12 × 2 >i4"),
        (paths.SIFT_VOCABULARY, np.zeros((5, 128)), "n × 128 float32. Received: 5 × 128 float64"),
        (DSIFT, np.zeros((FACES, 1, 40), np.float16), "n × 2 × n float16. Received: 12 × 1 × 40 float16"),
        (SIFT, np.zeros((FACES, 2, 30), np.float32), "n × 2 × n float16. Received: 12 × 2 × 30 float32"),
    ],
)
def test_another_type_or_shape_is_named(path, array, received):
    save_array(path, array)
    assert message() == f"{path} must hold {received}"


@pytest.mark.parametrize(
    ("path", "value", "wrong"),
    [
        (paths.LABELS, 9, "must hold codes from 0 to 6. Received: 9"),
        (paths.LABELS, 7, "must hold codes from 0 to 6. Received: 7"),
        (paths.SPLIT, 3, "must hold codes from 0 to 2. Received: 3"),
        (SIFT, np.nan, "holds infinities or what is no number"),
        (DSIFT, np.inf, "holds infinities or what is no number"),
        (paths.SIFT_VOCABULARY, np.nan, "holds infinities or what is no number"),
        (paths.SIFT_POSITIONS, -np.inf, "holds infinities or what is no number"),
    ],
)
def test_a_value_that_cannot_be_is_named(path, value, wrong):
    save_array(path, with_value(CONTENT[path], value))
    assert message() == f"{path} {wrong}"


@pytest.mark.parametrize("path", [paths.LABELS, paths.SPLIT, paths.SIFT_COUNTS, SIFT, DSIFT], ids=str)
def test_one_row_less_or_more_is_named(path):
    save_array(path, CONTENT[path][:-1])
    assert message() == f"{path} must be about 12 faces. Received: 11"
    save_array(path, np.concatenate([CONTENT[path], CONTENT[path][:1]]))
    assert message() == f"{path} must be about 12 faces. Received: 13"


def test_one_image_less_is_named_by_the_first_that_has_more():
    save_array(paths.IMAGES, CONTENT[paths.IMAGES][:-1])
    assert message() == f"{paths.LABELS} must be about 11 faces. Received: 12"


@pytest.mark.parametrize("path", [paths.SIFT_DESCRIPTORS, paths.SIFT_POSITIONS], ids=str)
def test_one_key_point_less_is_named(path):
    save_array(path, CONTENT[path][:-1])
    assert message() == f"{path} must hold 36 key points. Received: 35"


def test_descriptors_are_looked_at_to_the_last_block(monkeypatch):
    monkeypatch.setattr(arrays, "ROWS", 5)
    save_array(SIFT, with_value(CONTENT[SIFT], np.nan))
    assert message().startswith(f"{SIFT} holds")


def test_labels_are_codes_of_the_classes_that_ingest_wrote():
    save_json(paths.EMOTIONS, {name: [name] for name in EMOTIONS[:5]})
    assert message() == f"{paths.LABELS} must hold codes from 0 to 4. Received: 6"
    assert arrays.emotions() == {name: (name,) for name in EMOTIONS[:5]}


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ({"angry": ["angry"]}, "must name at least two classes"),
        ({"angry": ["angry"], "other": "sad"}, "other must have a list of members. Received: 'sad'"),
    ],
)
def test_classes_that_cannot_be_are_named(content, wrong):
    save_json(paths.EMOTIONS, content)
    assert message().startswith(f"{paths.EMOTIONS}: {wrong}")


def test_missing_classes_are_named():
    paths.EMOTIONS.unlink()
    assert message() == f"{paths.EMOTIONS} is missing"


def test_the_crowds_votes_are_refused_for_other_classes():
    save_array(paths.VOTES, np.zeros((FACES, 10), np.uint8))
    arrays.votes()
    save_json(paths.EMOTIONS, {"other": EMOTIONS[:6], "neutral": ["neutral"]})
    with pytest.raises(Refused, match=r"^the crowd's pipeline needs FER2013's seven classes.*holds other, neutral"):
        arrays.votes()
