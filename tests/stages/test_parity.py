"""The stage export compares what it writes with the Keras networks, on the first faces of PublicTest."""

import shutil

import numpy as np
import pytest

from openfer import files
from openfer.data.classes import SEVEN
from openfer.errors import Refused
from pipeline import paths
from stages import export
from tests.export.models import FACES, linear_network
from tests.imports import ROOT


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with some faces of PublicTest and one exported network, of which Keras says that all is alike."""
    monkeypatch.chdir(tmp_path)
    for name in ("params.yaml", "versions.yaml"):
        shutil.copyfile(ROOT / name, name)
    count = len(FACES)
    files.save_array(paths.IMAGES, FACES)
    files.save_array(paths.LABELS, np.arange(count, dtype=np.uint8) % 7)
    files.save_array(paths.SPLIT, np.ones(count, np.uint8))
    files.save_json(paths.EMOTIONS, SEVEN)
    files.save_json(paths.evaluation_path(paths.METRICS), {})
    files.save_bytes(paths.model_path("cnn"), b"")
    content, answer = linear_network(), np.full((count, 7), 1 / 7)
    monkeypatch.setattr(export, "converted", lambda *_: ({"cnn": content}, {"cnn": answer}))


@pytest.mark.usefixtures("project")
def test_an_exported_model_that_does_not_predict_what_keras_predicts_is_refused_and_not_written():
    with pytest.raises(Refused, match=r"^cnn: a probability of the exported model differs by"):
        export.main(["cnn"])
    assert not paths.EXPORTED.exists()
