"""A predictor finds the faces of pictures and says what they show; its model is a folder that is checked on loading."""

import dataclasses

import numpy as np
import pytest

from openfer.emotions import EMOTIONS
from openfer.export.conversion import to_onnx
from openfer.export.model_folder import FACTS, MODEL, Bundle, BundleError, save
from openfer.faces.alignment import EYES, Face
from openfer.faces.detectors import Haar
from openfer.faces.pictures import PictureError
from openfer.faces.predictor import Predictor
from openfer.training.dataset import Dataset
from tests.export.test_conversion import FACES, MEMBERS
from tests.photos import astronaut, grace_hopper


def write(folder, name: str = "vgg", **changes):
    facts = {"name": name, "temperature": 1.0, "unsure_below": 0.5, "descriptors": {}}
    save(folder, to_onnx(*MEMBERS[name]), facts | changes, vocabulary=None)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("vgg"))


@pytest.fixture(scope="module")
def predictor(folder):
    return Predictor(Bundle.load(folder), Haar())


def test_every_face_of_every_picture_has_seven_probabilities(predictor):
    pair = np.hstack([astronaut(), astronaut()])
    found = predictor([grace_hopper(), np.zeros((100, 100, 3), np.uint8), pair])
    assert [len(faces) for faces in found] == [1, 0, 2]
    for face in (face for faces in found for face in faces):
        assert face.probabilities.sum() == pytest.approx(1)
        assert face.emotion == EMOTIONS[face.probabilities.argmax()]


def test_no_picture_and_no_face_are_no_error(predictor):
    assert predictor([]) == []
    assert predictor([np.zeros((50, 50, 3), np.uint8)]) == [[]]


def test_faces_of_many_pictures_are_judged_as_alone(predictor):
    together = predictor([astronaut(), grace_hopper()])
    for picture, faces in zip((astronaut(), grace_hopper()), together, strict=True):
        ((alone,),) = predictor([picture])
        np.testing.assert_allclose(faces[0].probabilities, alone.probabilities, atol=1e-5)


class Recorder:
    """Stands in for a network and keeps what it is given."""

    def run(self, _: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.inputs = inputs
        return [np.full((len(inputs["image"]), 7), 1 / 7)]


def test_the_tensor_in_prediction_is_the_one_in_training(folder):
    """A FER2013 face that is found in a photograph reaches the network as it does in training."""
    recorder = Recorder()
    bundle = Bundle(Bundle.load(folder).facts, recorder)
    dataset = Dataset(FACES[:2], np.zeros(2, np.uint8))
    photo = np.zeros((200, 200, 3), np.uint8)
    photo[60:108, 80:128] = FACES[0][..., None]
    face = Face((80, 60, 48, 48), 1.0, EYES + np.array((80, 60)))
    Predictor(bundle, lambda _: [face])([photo])
    (trained,) = dataset.select(np.array([0])).inputs()
    np.testing.assert_array_equal(recorder.inputs["image"][:1], trained.astype(np.float32))
    np.testing.assert_array_equal(recorder.inputs["image"][1:], trained[:, :, ::-1].astype(np.float32))


def test_many_faces_are_judged_in_parts(folder, monkeypatch):
    bundle = Bundle.load(folder)
    whole = bundle.predict(FACES[:5])
    monkeypatch.setattr("openfer.export.model_folder.AT_ONCE", 2)
    np.testing.assert_allclose(bundle.predict(FACES[:5]), whole, atol=1e-6)


def test_a_face_is_unsure_below_the_threshold_of_the_model(tmp_path):
    for name, threshold, unsure in (("low", 0.01, False), ("high", 0.99, True)):
        (tmp_path / name).mkdir()
        bundle = Bundle.load(write(tmp_path / name, unsure_below=threshold))
        crops = [np.repeat(face[..., None], 3, axis=2) for face in FACES[:2]]
        assert [face.unsure for face in Predictor(bundle, Haar()).judge_crops(crops)] == [unsure, unsure]


def test_a_face_without_contrast_is_unsure_whatever_its_probability(folder):
    bundle = Bundle.load(folder)
    sure = dataclasses.replace(bundle, facts=bundle.facts | {"unsure_below": 0.0})
    bright = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    assert [face.unsure for face in Predictor(sure, Haar()).judge_crops([bright, bright // 16])] == [False, True]


def test_an_array_that_is_no_picture_is_refused(folder):
    with pytest.raises(PictureError, match="as_rgb makes it one"):
        Predictor(Bundle.load(folder), Haar())([np.zeros((90, 90), np.uint8)])


def test_probabilities_are_scaled_by_the_temperature_of_the_model(tmp_path, folder):
    hot = Bundle.load(write(tmp_path, temperature=3.0)).predict(FACES[:5])
    plain = Bundle.load(folder).predict(FACES[:5])
    assert (hot.max(axis=1) < plain.max(axis=1)).all()
    np.testing.assert_array_equal(hot.argmax(axis=1), plain.argmax(axis=1))


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        (MODEL, lambda content: content[:-5], r"model\.onnx: damaged: its checksum is not the one in model\.json"),
        (FACTS, lambda content: content[:-5], r"model\.json: damaged"),
        (FACTS, lambda content: content.replace(b'"format": 1', b'"format": 9'), r"made by another version \(format 9"),
        (FACTS, lambda content: b"[]", r"made by another version \(format None"),
        (FACTS, lambda content: content.replace(b"sha256", b"sha255"), r"model\.json: damaged: sha256 missing"),
    ],
    ids=["network cut", "facts cut", "other format", "other JSON", "no checksum"],
)
def test_a_damaged_model_is_refused(tmp_path, name, damage, message):
    path = write(tmp_path) / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BundleError, match=message):
        Bundle.load(tmp_path)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(BundleError, match=r"model\.json: No such file or directory; --model wants"):
        Bundle.load(tmp_path)
