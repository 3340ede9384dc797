"""A predictor finds the faces of pictures and predicts what they show, from the tensors of training."""

import numpy as np
import pytest

from openfer.emotions import EMOTIONS
from openfer.export.model_folder import ExportedModel
from openfer.faces.alignment import BOX, Face
from openfer.faces.detectors import YuNet
from openfer.faces.pictures import PictureError
from openfer.faces.predictor import Predictor
from openfer.training.dataset import Dataset
from tests.export.models import FACES, facts_of, linear_network
from tests.photos import astronaut, grace_hopper


def model_with(**changes: float) -> ExportedModel:
    return ExportedModel.of(linear_network(), facts_of(**changes))


@pytest.fixture(scope="module")
def model():
    return model_with()


@pytest.fixture(scope="module")
def predictor(model):
    return Predictor(model, YuNet())


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


def test_faces_of_many_pictures_are_predicted_as_alone(predictor):
    together = predictor([astronaut(), grace_hopper()])
    for picture, faces in zip((astronaut(), grace_hopper()), together, strict=True):
        ((alone,),) = predictor([picture])
        np.testing.assert_allclose(faces[0].probabilities, alone.probabilities, atol=1e-5)


class Recorder:
    """Stands in for a network and remembers its inputs."""

    def run(self, _: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.inputs = inputs
        return [np.full((len(inputs["image"]), 7), 1 / 7)]


def test_the_tensor_in_prediction_is_the_one_in_training():
    """A FER2013 face that is found in a photograph reaches the network as it does in training."""
    recorder = Recorder()
    dataset = Dataset(FACES[:2], np.zeros(2, np.uint8))
    photo = np.zeros((200, 200, 3), np.uint8)
    photo[60:108, 80:128] = FACES[0][..., None]
    face = Face((80 + BOX[0], 60 + BOX[1], BOX[2], BOX[2]), 1.0, np.array([(95.0, 79.0), (113.0, 79.0)]))
    Predictor(ExportedModel(facts_of(), recorder), lambda _: [face])([photo])
    (trained,) = dataset.select(np.array([0])).inputs()
    np.testing.assert_array_equal(recorder.inputs["image"][:1], trained.astype(np.float32))
    np.testing.assert_array_equal(recorder.inputs["image"][1:], trained[:, :, ::-1].astype(np.float32))


@pytest.mark.parametrize(("eyes", "threshold", "reported"), [(True, 0.99, 1), (False, 0.01, 1), (False, 0.99, 0)])
def test_a_face_without_eyes_that_is_unsure_is_reported_only_where_all_are_asked_for(eyes, threshold, reported):
    face = Face((247, 55, 86, 110), 0.75, np.array([(271.0, 96.0), (312.0, 98.0)]) if eyes else None)
    model, pictures = model_with(unsure_below=threshold), [astronaut()]
    (found,) = Predictor(model, lambda _: [face])(pictures)
    assert len(found) == reported
    (everything,) = Predictor(model, lambda _: [face], all_faces=True)(pictures)
    assert len(everything) == 1
    assert len(Predictor(model, lambda _: [face]).predict(pictures, [[face]])[0]) == 1  # known to be faces


@pytest.mark.parametrize(("threshold", "unsure"), [(0.01, False), (0.99, True)])
def test_a_face_is_unsure_below_the_threshold_of_the_model(threshold, unsure):
    crops = [np.repeat(face[..., None], 3, axis=2) for face in FACES[:2]]
    found = Predictor(model_with(unsure_below=threshold), YuNet()).predict_crops(crops)
    assert [face.unsure for face in found] == [unsure, unsure]


def test_the_prior_of_the_user_takes_the_place_of_that_of_the_model():
    shares = dict(zip(EMOTIONS, [0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.7], strict=True))
    crops = [np.repeat(FACES[0][..., None], 3, axis=2)]
    model = model_with(prior={"strength": 1.0, "shares": shares})
    found = {prior: Predictor(model, YuNet(), prior=prior).predict_crops(crops)[0] for prior in (None, 1.0, 0.0)}
    np.testing.assert_array_equal(found[None].probabilities, found[1.0].probabilities)
    ratio = found[0.0].probabilities / found[1.0].probabilities
    assert ratio[6] / ratio[0] == pytest.approx(0.05 / 0.7)


def test_a_face_without_contrast_is_unsure_whatever_its_probability():
    bright = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    found = Predictor(model_with(unsure_below=0.0), YuNet()).predict_crops([bright, bright // 16])
    assert [face.unsure for face in found] == [False, True]


def test_an_array_that_is_no_picture_is_refused(predictor):
    with pytest.raises(PictureError, match="as_rgb makes it one"):
        predictor([np.zeros((90, 90), np.uint8)])
