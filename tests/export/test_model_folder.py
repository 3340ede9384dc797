"""An exported model is a folder that is checked when it is loaded; it predicts views of faces and scales the result."""

import dataclasses
import json
import struct

import numpy as np
import pytest

from openfer.descriptors.settings import Grid
from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.export.model_folder import FACTS, MODEL, VOCABULARY, ExportedModel, ModelError, save
from openfer.prediction.crops import BOTH, PLAIN
from tests.export.models import FACES, facts_of, linear_network, write_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("vgg"))


@pytest.fixture(scope="module")
def model(folder):
    return ExportedModel.load(folder)


def test_what_was_saved_is_loaded_from_a_path_or_its_text(folder, model):
    assert model.facts.items() >= facts_of().items()
    assert model.facts["image_size"] == 48
    np.testing.assert_array_equal(ExportedModel.load(str(folder)).predict(FACES), model.predict(FACES))


def test_every_face_has_seven_probabilities_that_sum_to_one(model):
    found = model.predict(FACES)
    assert found.shape == (len(FACES), 7)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert np.ptp(found, axis=0).min() > 1e-3


def test_no_face_is_no_error(model):
    assert model.predict(FACES[:0]).shape == (0, 7)


def test_a_face_is_predicted_with_its_mirror_image_unless_other_views_are_given(model):
    mirrored = model.uncalibrated(FACES[:, :, ::-1], [PLAIN])
    plain = model.uncalibrated(FACES, [PLAIN])
    np.testing.assert_allclose(model.uncalibrated(FACES), (plain + mirrored) / 2, atol=1e-6)
    np.testing.assert_array_equal(model.uncalibrated(FACES), model.uncalibrated(FACES, BOTH))


def test_many_faces_are_predicted_in_parts(model, monkeypatch):
    whole = model.predict(FACES[:5])
    monkeypatch.setattr("openfer.export.model_folder.AT_ONCE", 2)
    np.testing.assert_allclose(model.predict(FACES[:5]), whole, atol=1e-6)


def test_probabilities_are_scaled_by_the_temperature_of_the_model(model):
    warm = ExportedModel.of(linear_network(), facts_of(temperature=3.0))
    found, plain = warm.predict(FACES), model.predict(FACES)
    assert (found.max(axis=1) < plain.max(axis=1)).all()
    np.testing.assert_array_equal(found.argmax(axis=1), plain.argmax(axis=1))
    np.testing.assert_array_equal(warm.uncalibrated(FACES), model.uncalibrated(FACES))


class Recorder:
    """Stands in for a network and remembers its inputs."""

    def run(self, _: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.inputs = inputs
        return [np.full((len(inputs["image"]), 7), 1 / 7)]


def test_a_mirrored_face_comes_with_the_descriptor_of_the_mirror_image():
    grid = dataclasses.asdict(Grid(step=8, sizes=(2.7,), sigma=0.55, normalisation="rootsift"))
    recorder = Recorder()
    model = ExportedModel(facts_of(descriptors={"dsift": grid}), recorder)
    model.uncalibrated(FACES[:2])
    of_face, of_mirrored = np.split(recorder.inputs["dsift"], 2)
    model.uncalibrated(FACES[:2, :, ::-1], [PLAIN])
    np.testing.assert_array_equal(recorder.inputs["dsift"], of_mirrored)
    assert not np.array_equal(of_face, of_mirrored)


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        (MODEL, lambda content: content[:-5], r"model\.onnx: damaged: its checksum is not the one in model\.json"),
        (FACTS, lambda content: content[:-5], r"model\.json: damaged"),
        (FACTS, lambda content: b"\xff", r"model\.json: damaged"),
        (FACTS, lambda content: content.replace(b'"format": 2', b'"format": 9'), r"made by another version \(format 9"),
        (FACTS, lambda content: b"[]", r"made by another version \(format None"),
        (FACTS, lambda content: content.replace(b"sha256", b"sha255"), r"model\.json: damaged: sha256 missing"),
        (FACTS, lambda content: content.replace(b'"descriptors": {}', b'"descriptors": 3'), r"damaged: descriptors"),
        (FACTS, lambda content: content.replace(b'rs": {}', b'rs": {"surf": {}}'), r"model\.json: damaged: surf"),
    ],
    ids=["network cut", "facts cut", "no text", "other format", "other JSON", "no checksum", "a number", "unknown"],
)
def test_a_damaged_model_is_refused(tmp_path, name, damage, message):
    path = write_model(tmp_path) / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ModelError, match=message):
        ExportedModel.load(tmp_path)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"model\.json: No such file or directory; --model wants"):
        ExportedModel.load(tmp_path)


def test_a_network_that_the_runtime_cannot_run_is_refused_with_its_path(tmp_path):
    save(tmp_path, b"no network", facts_of(), vocabulary=None)
    with pytest.raises(ModelError, match=r"model\.onnx: onnxruntime [\d.]+ cannot run it"):
        ExportedModel.load(tmp_path)


def test_the_vocabulary_of_a_sift_hybrid_is_part_of_the_folder_and_checked(tmp_path):
    words = np.random.default_rng(0).random((4, 128), np.float32)
    save(tmp_path, linear_network(), facts_of(descriptors={"sift": {}}), words)
    np.testing.assert_array_equal(ExportedModel.load(tmp_path).vocabulary, words)
    path = tmp_path / VOCABULARY
    path.write_bytes(path.read_bytes()[:-4] + struct.pack("f", 0))
    with pytest.raises(ModelError, match=r"vocabulary\.npy: damaged"):
        ExportedModel.load(tmp_path)
    path.unlink()
    with pytest.raises(ModelError, match=r"vocabulary\.npy: No such file"):
        ExportedModel.load(tmp_path)


def test_what_describes_the_model_is_written_last(tmp_path, monkeypatch):
    monkeypatch.setattr("openfer.export.model_folder.save_array", lambda path, array: (_ for _ in ()).throw(Refused()))
    with pytest.raises(Refused):
        save(tmp_path, linear_network(), facts_of(), np.zeros((4, 128), np.float32))
    assert not (tmp_path / FACTS).exists()


def test_the_facts_are_plain_json(folder):
    assert json.loads((folder / FACTS).read_text(encoding="utf-8"))["format"] == 2


FIVE = ["angry", "happy", "sad", "surprise", "neutral"]


def test_a_model_of_other_classes_says_their_names_and_no_older_version_reads_it(tmp_path):
    model = ExportedModel.load(write_model(tmp_path, emotions=FIVE))
    assert model.emotions == tuple(FIVE)
    assert model.predict(FACES).shape == (len(FACES), 5)
    assert model.predict(FACES[:0]).shape == (0, 5)
    assert json.loads((tmp_path / FACTS).read_text(encoding="utf-8"))["format"] == 3


def test_a_model_that_names_nothing_tells_the_seven_apart(folder):
    assert ExportedModel.load(folder).emotions == EMOTIONS


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"emotions": FIVE[:4]}, "emotions, model.onnx has 5 answers|prior missing"),
        ({"emotions": [*FIVE[:4], 5]}, "damaged: emotions"),
        ({"emotions": [*FIVE[:4], "sad"]}, "damaged: emotions"),
        ({"emotions": FIVE[::-1]}, "damaged: prior"),
        ({"format": 2}, "damaged: emotions"),
        ({"emotions": FIVE[:4], "prior": {"strength": 1.0, "shares": dict.fromkeys(FIVE[:4], 0.25)}}, "has 5 answers"),
    ],
)
def test_names_that_do_not_fit_the_network_are_refused(tmp_path, changes, message):
    path = write_model(tmp_path, emotions=FIVE) / FACTS
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        ExportedModel.load(tmp_path)
