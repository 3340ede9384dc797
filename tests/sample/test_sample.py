"""The built-in sample: FER2013's format and order, the same bytes twice, faces that differ by expression."""

import shutil
from collections import Counter

import numpy as np
import pytest
import yaml
from sklearn.linear_model import RidgeClassifier

from openfer.descriptors import dsift
from openfer.descriptors.settings import Grid
from openfer.emotions import EMOTIONS, IMAGE_SIZE, SPLITS
from pipeline.params import ParamsError, validated
from sample import draw as stage
from sample.expressions import PROTOTYPES, draw_units, geometry
from sample.face import draw_face
from sample.portrait import draw
from tests.imports import ROOT


def check(content) -> None:
    validated(content, stage.PARAMS, stage.Params)


COUNTS = {"Training": 3, "PublicTest": 2, "PrivateTest": 1}


@pytest.fixture(scope="module")
def rows():
    return stage.draw_rows(seed=1, blends=0.15, faces_per_class=COUNTS)


@pytest.fixture(scope="module")
def images(rows):
    return np.array([row["pixels"].split() for row in rows], np.int64)


def full_strength(emotion):
    return geometry({unit: typical for unit, (typical, _) in PROTOTYPES[emotion].items()})


def test_the_columns_are_those_of_fer2013(rows):
    assert all(list(row) == ["emotion", "pixels", "Usage"] for row in rows)


def test_each_split_holds_the_asked_number_of_every_class(rows):
    counted = Counter((row["Usage"], row["emotion"]) for row in rows)
    assert counted == {(split, label): count for split, count in COUNTS.items() for label in range(len(EMOTIONS))}


def test_the_splits_come_in_the_official_order(rows):
    positions = [SPLITS.index(row["Usage"]) for row in rows]
    assert positions == sorted(positions)


def test_the_classes_are_shuffled_within_a_split(rows):
    labels = [row["emotion"] for row in rows if row["Usage"] == "Training"]
    assert labels != sorted(labels)


def test_pixels_are_2304_integers_from_0_to_255(images):
    assert images.shape[1] == IMAGE_SIZE**2
    assert images.min() >= 0
    assert images.max() <= 255


def test_no_image_is_flat_and_no_two_are_the_same(images):
    assert images.std(axis=1).min() > 15
    assert len(np.unique(images, axis=0)) == len(images)


def test_two_runs_of_the_stage_write_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample").mkdir()
    shutil.copy(ROOT / "versions.yaml", tmp_path)
    counts = dict.fromkeys(SPLITS, 1)
    stage.PARAMS.write_text(yaml.safe_dump({"seed": 7, "blends": 0.5, "faces_per_class": counts}), encoding="utf-8")
    written = []
    for _ in range(2):
        stage.main()
        written.append(stage.FACES.read_bytes())
    assert written[0] == written[1]
    assert written[0].startswith(b"emotion,pixels,Usage\n")
    assert b"\r" not in written[0]


def test_another_seed_draws_other_faces(rows):
    other = stage.draw_rows(seed=2, blends=0.15, faces_per_class=COUNTS)
    assert not {row["pixels"] for row in rows} & {row["pixels"] for row in other}


def test_every_expression_has_a_prototype():
    assert set(PROTOTYPES) == set(EMOTIONS)


def test_no_intensity_leaves_0_to_1():
    rng = np.random.default_rng(0)
    units = [draw_units(rng, emotion, blends=1.0) for emotion in EMOTIONS for _ in range(20)]
    assert all(0 <= intensity <= 1 for face in units for intensity in face.values())


def test_a_face_without_action_units_rests():
    rest = geometry({})
    assert rest.mouth_openness == 0
    assert (rest.brow_inner, rest.corners, rest.upper_lid) == (0, 0, 0)
    assert full_strength("neutral") == rest


def test_surprise_opens_the_mouth_widest():
    openness = {emotion: full_strength(emotion).mouth_openness for emotion in EMOTIONS}
    assert max(openness, key=openness.get) == "surprise"
    assert openness["surprise"] > 0.2


def test_happy_lifts_the_corners_and_sad_drops_them():
    assert full_strength("happy").corners < -0.05
    assert full_strength("sad").corners > 0.05


def test_anger_lowers_the_brows_and_fear_lifts_them():
    assert full_strength("angry").brow_inner > 0.05
    assert full_strength("fear").brow_inner < -0.05


def test_disgust_wrinkles_the_nose():
    lines = {emotion: full_strength(emotion).nose_lines for emotion in EMOTIONS}
    assert max(lines, key=lines.get) == "disgust"


def test_the_same_person_looks_different_when_surprised():
    happy, surprised = (draw_face(np.random.default_rng(3), emotion, blends=0.0) for emotion in ("happy", "surprise"))
    assert happy.person == surprised.person
    assert np.abs(draw(happy).astype(int) - draw(surprised)).mean() > 3


@pytest.mark.parametrize(
    ("key", "value"),
    [("seed", -1), ("seed", 1.5), ("blends", 2), ("blends", True), ("faces_per_class", {"Training": 0})],
)
def test_a_wrong_parameter_is_named(key, value):
    content = {"seed": 1, "blends": 0.1, "faces_per_class": dict.fromkeys(SPLITS, 1)}
    content[key] = content[key] | value if isinstance(value, dict) else value
    with pytest.raises(ParamsError, match=key):
        check(content)


def test_a_misspelled_parameter_is_refused():
    with pytest.raises(ParamsError, match="sed"):
        check({"sed": 1, "blends": 0.1, "faces_per_class": dict.fromkeys(SPLITS, 1)})


def test_a_classifier_that_learnt_from_some_faces_reads_others():
    counts = {"Training": 30, "PublicTest": 10, "PrivateTest": 1}
    rows = stage.draw_rows(seed=2, blends=0.15, faces_per_class=counts)
    faces = np.array([row["pixels"].split() for row in rows], np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    features = dsift.describe(faces, Grid(step=12, sizes=(4.0,), sigma=0.55, normalisation="rootsift"))[:, 0]
    labels, usage = np.array([row["emotion"] for row in rows]), np.array([row["Usage"] for row in rows])
    learnt = RidgeClassifier(alpha=10).fit(features[usage == "Training"], labels[usage == "Training"])
    accuracy = learnt.score(features[usage == "PublicTest"], labels[usage == "PublicTest"])
    assert 0.45 < accuracy < 0.99, "chance is 0.14"
