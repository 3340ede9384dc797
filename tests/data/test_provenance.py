import gzip
import hashlib

import cv2
import numpy as np
import pytest

from openfer.data import provenance as module
from openfer.data.provenance import provenance, recognise
from openfer.data.table import IngestError
from tests.data.faces import csv_bytes, faces


@pytest.mark.parametrize(
    ("md5", "name"),
    [
        ("f8428a1edbd21e88f42c73edd2a14f95", "Kaggle's fer2013.csv"),
        ("b114b9e04e6949e5fe8b6a98b3892b1d", "Kaggle's icml_face_data.csv"),
        ("3f0dfb3d3fd99c811a1299cb947e3131", "Kaggle's train.csv"),
    ],
)
def test_the_published_files_are_named(md5, name):
    assert recognise(md5) == name


def test_the_file_of_the_figures_is_told_from_kaggle_s():
    assert "this project's figures come from" in recognise("c11e9e52deb53d09cc3373c4136c3b27")
    assert recognise("0" * 32) is None
    assert recognise(None) is None


def test_a_csv_is_identified_by_its_checksums(tmp_path):
    content = csv_bytes(*faces(3))
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    assert provenance(str(path)) == {
        "source": "mine.csv",
        "sha256": hashlib.sha256(content).hexdigest(),
        "md5": hashlib.md5(content).hexdigest(),
        "recognised_as": None,
    }


def test_a_packed_csv_is_recognised_by_what_it_holds(tmp_path, monkeypatch):
    content = csv_bytes(*faces(3))
    monkeypatch.setitem(module.PUBLISHED, hashlib.md5(content).hexdigest(), "the test's file")
    path = tmp_path / "fer2013.csv.gz"
    path.write_bytes(gzip.compress(content))
    assert provenance(str(path))["recognised_as"] == "the test's file"
    assert provenance(str(path))["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_damaged_archive_is_refused(tmp_path):
    path = tmp_path / "fer2013.csv.gz"
    path.write_bytes(gzip.compress(csv_bytes(*faces(3)))[:-100])
    with pytest.raises(IngestError, match="damaged or cut off"):
        provenance(str(path))


def test_the_sha256_of_a_folder_follows_names_and_content_of_its_pictures(tmp_path):
    folder = tmp_path / "train" / "sad"
    folder.mkdir(parents=True)
    picture = np.zeros((48, 48), np.uint8)
    cv2.imwrite(str(folder / "a.png"), picture)
    before = provenance(str(tmp_path))
    (folder / "notes.txt").write_text("passed over")
    assert provenance(str(tmp_path)) == before
    assert (before["md5"], before["recognised_as"]) == (None, None)
    (folder / "a.png").rename(folder / "b.png")
    renamed = provenance(str(tmp_path))["sha256"]
    cv2.imwrite(str(folder / "b.png"), picture + 2)
    assert len({before["sha256"], renamed, provenance(str(tmp_path))["sha256"]}) == 3
