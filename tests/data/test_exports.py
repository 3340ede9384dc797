"""The data set for other programs: pictures come back as the same arrays, .npy and tables hold every face once."""

import csv
import json

import cv2
import numpy as np
import pytest

from openfer.data import exports
from openfer.data.classes import classes_of, expressions, grouped
from openfer.data.exports import Faces, new_folder, write_arrays, write_features, write_images
from openfer.data.source import read
from openfer.emotions import EMOTIONS, SPLITS
from openfer.files import FileError
from tests.data.faces import faces

GROUPS = ("positive", "in love", "negative")


def some(emotions=EMOTIONS) -> Faces:
    images, labels, split = faces(40)
    return Faces(images, labels % len(emotions), np.random.default_rng(1).permutation(split), emotions)


@pytest.mark.parametrize("emotions", [EMOTIONS, EMOTIONS[:3], GROUPS], ids=["seven", "three", "own"])
def test_pictures_are_read_again_as_the_same_arrays_in_the_same_order(tmp_path, emotions):
    written, classes = some(emotions), classes_of(list(emotions))
    write_images(tmp_path, written)
    table = grouped(read(str(tmp_path), "error", expressions(classes)), classes, "faces")
    for name in ("images", "labels", "split"):
        np.testing.assert_array_equal(getattr(table, name), getattr(written, name))
    assert table.names == tuple(emotions)


def test_a_picture_lies_in_the_folder_of_its_split_and_class_under_the_number_of_its_row(tmp_path):
    written = some()
    write_images(tmp_path, written)
    place = tmp_path / SPLITS[written.split[7]] / EMOTIONS[written.labels[7]] / "fer0000007.png"
    np.testing.assert_array_equal(cv2.imread(str(place), cv2.IMREAD_UNCHANGED), written.images[7])
    folders = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*")}
    assert folders == {f"{split}/{emotion}" for split in SPLITS for emotion in EMOTIONS}


@pytest.mark.parametrize("one_hot", [False, True])
def test_arrays_hold_each_split_with_labels_as_asked_for(tmp_path, one_hot):
    written = some(GROUPS)
    write_arrays(tmp_path, written, one_hot)
    for code, split in enumerate(SPLITS):
        images, labels = (np.load(tmp_path / split / f"{name}.npy") for name in ("images", "labels"))
        np.testing.assert_array_equal(images, written.images[written.split == code])
        expected = written.labels[written.split == code]
        np.testing.assert_array_equal(labels, np.eye(3)[expected] if one_hot else expected)
        assert labels.dtype == (np.float32 if one_hot else np.uint8)
    names = json.loads((tmp_path / "emotions.json").read_text(encoding="utf-8"))
    assert names == {"positive": 0, "in love": 1, "negative": 2}


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_a_table_of_features_has_every_face_and_the_very_numbers(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(exports, "AT_ONCE", 7)
    written, features = some(GROUPS), np.random.default_rng(0).normal(0, 1e3, (40, 5)).astype(kind)
    write_features(tmp_path / "hog.csv", features, written)
    with (tmp_path / "hog.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["row", "Usage", "emotion", "hog0", "hog1", "hog2", "hog3", "hog4"]
    assert [int(row["row"]) for row in rows] == list(range(40))
    assert [row["Usage"] for row in rows] == [SPLITS[code] for code in written.split]
    assert [row["emotion"] for row in rows] == [GROUPS[label] for label in written.labels]
    values = [[row[f"hog{column}"] for column in range(5)] for row in rows]
    np.testing.assert_array_equal(np.array(values).astype(np.float32), features)


def test_a_folder_is_there_as_a_whole_or_not_at_all(tmp_path):
    folder = tmp_path / "new" / "faces"
    with pytest.raises(KeyboardInterrupt), new_folder(folder) as temporary:
        (temporary / "half").touch()
        raise KeyboardInterrupt
    assert list(folder.parent.iterdir()) == []
    with new_folder(folder) as temporary:
        (temporary / "whole").touch()
        assert not folder.exists()
    assert [path.name for path in folder.parent.iterdir()] == ["faces"]
    assert [path.name for path in folder.iterdir()] == ["whole"]


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_nothing_is_overwritten(tmp_path, kind):
    folder = tmp_path / "faces"
    {"file": folder.touch, "folder": folder.mkdir, "link": lambda: folder.symlink_to("nowhere")}[kind]()
    with (
        pytest.raises(FileError, match="faces is there already: choose another name, or delete it"),
        new_folder(folder),
    ):
        pytest.fail("the block must not run")
