"""Going on with faces in folders of one's own names: what the start knows of them it keeps, the export says them."""

import shutil

import cv2
import numpy as np
import pytest

from openfer import files
from openfer.data.votes import CLASSES
from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.export.model_folder import ExportedModel
from openfer.networks.build import build
from openfer.networks.layers import standardise
from openfer.networks.storage import emotions_of, save_network
from openfer.training.transfer import Start, StartError
from pipeline import arrays, params, paths, precision
from sample.demo import set_params
from stages import ingest
from tests.conftest import NoStore
from tests.imports import ROOT
from tests.networks.small import SIZES, noise
from transfer import MODEL, export, train

OWN = ("happy", "bored", "contempt", "neutral", "excited")
"""Names of the folders; “bored” and “excited” are new to every network."""

STARTS = {
    "FER2013's seven": (7, EMOTIONS, [3, None, None, 6, None]),
    "the crowd's eight": (8, EMOTIONS, [3, None, 7, 6, None]),
    "its own names": (3, ("neutral", "angry", "happy"), [2, None, None, 0, None]),
}
"""Outputs of a start, the names that are written with it, and which of its outputs mean OWN."""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A project whose faces lie in folders of these names, ingested; the current folder."""
    (tmp_path / "transfer").mkdir()
    for name in ("params.yaml", "transfer/params.yaml", "versions.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    set_params(tmp_path / "params.yaml", {"data.source": "data/own", "data.emotions": list(OWN)})
    set_params(tmp_path / "transfer" / "params.yaml", {"train.epochs": 1, "train.batch_size": 4})
    for place, image in enumerate(noise(12 * len(OWN)).images):
        folder = tmp_path / "data" / "own" / ("train", "train", "val", "test")[place % 4] / OWN[place % len(OWN)]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{place}.png"), image)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr("pipeline.tracking.Child", NoStore)
    ingest.main()


def write_start(classes: int, names: tuple[str, ...] = EMOTIONS) -> None:
    network = build("vgg", 0, SIZES, classes=classes)
    standardise(network, noise(8).inputs_with_mirror_images())
    save_network(paths.DATA / "start.keras", network, names)


def begin() -> Start:
    return train.start(precision.recipe(params.TRANSFER), tuple(arrays.emotions()))


@pytest.mark.parametrize("kind", STARTS)
def test_the_start_keeps_the_classes_that_it_knows_by_their_names(own, kind):
    classes, names, outputs = STARTS[kind]
    write_start(classes, names)
    assert begin().outputs == outputs
    assert set(CLASSES[8]) >= {"contempt", *EMOTIONS}


def test_a_start_that_does_not_say_what_it_tells_apart_is_refused(own):
    write_start(3)
    with pytest.raises(
        StartError, match=r"start\.keras, which tells 3 classes apart and does not name them: write it with "
    ):
        begin()


def test_network_and_export_say_the_names_of_the_folders(own):
    write_start(*STARTS["its own names"][:2])
    train.main()
    assert emotions_of(paths.model_path(MODEL)) == OWN
    export.main()
    exported = ExportedModel.load(paths.TRANSFER_EXPORTED)
    assert exported.emotions == OWN
    assert tuple(exported.facts["prior"]["shares"]) == OWN
    assert exported.predict(np.zeros((2, 48, 48), np.uint8)).shape == (2, len(OWN))
    files.save_json(paths.EMOTIONS, {name: [name] for name in sorted(OWN)})
    with pytest.raises(Refused, match=r"transfer\.keras tells happy, bored, .* apart, .* holds bored, contempt, "):
        export.main()
