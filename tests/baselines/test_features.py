"""The features of other published systems, stage by stage, on drawn faces of which some show nothing."""

import json
import shutil

import numpy as np
import pytest

from baselines.features import dsift, hog, landmarks, pictures, sift, sliding_hog
from openfer import files
from openfer.descriptors.landmarks import LandmarkError, predictor_file
from openfer.emotions import EMOTIONS, SPLITS
from pipeline import arrays, paths
from pipeline.versions import VersionError
from sample.demo import set_params
from sample.face import draw_face
from sample.portrait import draw
from tests.conftest import new_project
from tests.imports import ROOT

pytest.importorskip("dlib", reason="needs requirements-baselines.txt")
pytest.importorskip("skimage.feature", reason="needs requirements-baselines.txt")
if not predictor_file().is_file():
    pytest.skip("needs requirements-baselines.txt", allow_module_level=True)

FACES, FLAT = 42, [0, 5, 41]
"""Number of faces, and those of one grey value: the first, one of Training and the last, one of PrivateTest."""


def prepare(folder):
    """Write drawn faces, 28 of Training, and the parameters, with 32 words, into an empty folder."""
    generator = np.random.default_rng(0)
    labels = np.arange(FACES, dtype=np.uint8) % 7
    images = np.stack([draw(draw_face(generator, EMOTIONS[label], 0)) for label in labels])
    images[FLAT] = 90
    (folder / "baselines").mkdir()
    for name in ("versions.yaml", "baselines/params.yaml"):
        shutil.copy(ROOT / name, folder / name)
    set_params(folder / "baselines" / "params.yaml", {"features.sift.words": 32})
    files.save_array(folder / paths.IMAGES, images)
    files.save_array(folder / paths.LABELS, labels)
    files.save_json(folder / paths.EMOTIONS, {emotion: [emotion] for emotion in EMOTIONS})
    files.save_array(folder / paths.SPLIT, np.repeat(np.arange(3, dtype=np.uint8), [28, 7, 7]))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder in which every stage has run."""
    folder = tmp_path_factory.mktemp("features")
    prepare(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for stage in (landmarks, hog, sliding_hog, sift, dsift, pictures):
            stage.main()
    return folder


@pytest.fixture
def here(made, monkeypatch):
    monkeypatch.chdir(made)
    return made


def test_every_feature_has_the_published_number_of_values_for_every_face(here):
    found = {name: arrays.feature(name, FACES).shape[1] for name in paths.FEATURES}
    assert found == {"landmarks": 136, "hog": 72, "sliding_hog": 2592, "sift": 32, "dsift": 2048}


def test_rows_are_those_of_the_images_whatever_shows_nothing_between_them(here):
    """Each face by itself has the values of its row."""
    from openfer.descriptors import bag, raw_dsift
    from openfer.descriptors import hog as hogs
    from openfer.descriptors import landmarks as shapes
    from pipeline import params

    images, settings = arrays.images(), params.load("features", params.BASELINES)
    predictor = shapes.load_predictor()
    for row in (1, 6, 40):
        alone = images[[row]]
        assert np.array_equal(arrays.feature("landmarks", FACES)[row], shapes.place(alone, predictor)[0])
        assert np.array_equal(arrays.feature("hog", FACES)[row], hogs.describe(alone, settings.hog)[0])
        own = hogs.describe_windows(alone, settings.sliding_hog)[0]
        assert np.array_equal(arrays.feature("sliding_hog", FACES)[row], own)
        assert np.array_equal(arrays.feature("dsift", FACES)[row], raw_dsift.describe(alone, settings.dsift)[0])
        _, count = bag.describe(alone)
        counted = arrays.feature("sift", FACES)[row] * count[0]
        assert counted == pytest.approx(np.rint(counted), abs=1e-4)


def test_faces_that_show_nothing_get_the_mean_shape_of_training_or_zeros(here):
    shapes = arrays.feature("landmarks", FACES)
    described = np.setdiff1d(np.arange(28), FLAT)
    assert shapes[FLAT] == pytest.approx(np.tile(shapes[described].mean(axis=0), (3, 1)))
    for name in ("hog", "sliding_hog", "sift", "dsift"):
        rows = np.flatnonzero(~arrays.feature(name, FACES).any(axis=1))
        assert set(FLAT) <= set(rows), name


@pytest.mark.parametrize("name", ["landmarks", "sift"])
def test_faces_that_show_nothing_are_counted_and_named(here, name):
    report = json.loads(paths.feature_report(name).read_text(encoding="utf-8"))
    assert report["faces"] == FACES
    assert set(FLAT) <= set(report["rows"])
    assert sum(report["undescribed"].values()) == len(report["rows"])
    assert list(report["undescribed"]) == list(SPLITS)
    if name == "landmarks":
        assert report["rows"] == FLAT
        assert report["undescribed"] == {"Training": 2, "PublicTest": 0, "PrivateTest": 1}


def test_there_is_a_picture_of_each_feature(here):
    found = sorted(path.stem for path in paths.FEATURE_PICTURES.iterdir())
    assert found == sorted(paths.FEATURES)


def test_a_second_run_gives_the_same_bytes(made, tmp_path, monkeypatch):
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    for stage in (landmarks, sift):
        stage.main()
    for name in ("landmarks", "sift"):
        assert paths.feature_path(name).read_bytes() == (made / paths.feature_path(name)).read_bytes()


def test_without_the_predictors_file_nothing_is_written(tmp_path, monkeypatch):
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("openfer.descriptors.landmarks.PACKAGE", "no_such_package")
    with pytest.raises(
        LandmarkError, match=r"shape_predictor_68_face_landmarks\.dat, which places landmarks, is missing"
    ):
        landmarks.main()
    assert not paths.feature_path("landmarks").exists()
    assert not paths.feature_report("landmarks").exists()


@pytest.mark.parametrize(
    ("stage", "package"), [(landmarks, "dlib"), (hog, "scikit-image"), (sliding_hog, "scikit-image")]
)
def test_without_a_package_one_line_names_the_requirements_that_bring_it(tmp_path, monkeypatch, stage, package):
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(__import__("pipeline.versions").versions.DISTRIBUTIONS, package, ("no-such-package",))
    with pytest.raises(
        VersionError, match=rf"{package} none instead of .*`pip install -r requirements-baselines\.txt`"
    ):
        stage.main()


def test_a_feature_of_other_faces_is_refused(here):
    with pytest.raises(files.FileError, match=r"data/baselines/hog\.npy must be about 43 faces\. Received: 42"):
        arrays.feature("hog", 43)


def test_the_pipeline_runs_on_the_drawn_sample_and_a_second_time_does_nothing(tmp_path):
    project = new_project(tmp_path / "project")
    set_params(project.folder / "baselines" / "params.yaml", {"features.sift.words": 32})
    project.run("dvc", "repro", "baselines/features/dvc.yaml")
    made = {path.stem for path in (project.folder / "data" / "baselines").iterdir()}
    assert made == set(paths.FEATURES)
    again = project.run("dvc", "repro", "baselines/features/dvc.yaml")
    assert "Running stage" not in again
    assert not (project.folder / "models").exists()
