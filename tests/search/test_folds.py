"""Folds: every face of Training is left out once, with its duplicates, and no other face is read."""

import numpy as np
import pytest

from openfer.emotions import TRAINING
from openfer.training.dataset import Dataset
from pipeline import paths
from search import folds
from search.several import SeveralError
from tests.networks.small import noise


@pytest.fixture
def faces() -> Dataset:
    """90 faces of three classes, of which the first ten are duplicates of the last ten, under other labels."""
    images = noise(90).images.copy()
    images[:10] = images[-10:]
    return Dataset(images, np.repeat(np.arange(3, dtype=np.uint8), [50, 28, 12]))


def test_folds_have_the_same_shares_of_the_classes(faces):
    fold_of = folds.split(faces, 4, seed=1)
    for number in range(1, 5):
        counts = np.bincount(faces.labels[fold_of == number], minlength=3)
        assert np.abs(counts - np.array([12.5, 7, 3])).max() <= 2


def test_duplicates_stand_in_one_fold(faces):
    for seed in range(3):
        fold_of = folds.split(faces, 4, seed)
        assert np.array_equal(fold_of[:10], fold_of[-10:])


def test_the_seed_alone_decides(faces):
    first = folds.split(faces, 4, seed=1)
    assert np.array_equal(first, folds.split(faces, 4, seed=1))
    assert not np.array_equal(first, folds.split(faces, 4, seed=2))


def test_more_folds_than_the_rarest_class_has_different_faces_are_one_line(faces):
    faces.images[-2] = faces.images[-1]
    with pytest.raises(
        SeveralError, match="--folds must be at most 11, the different faces of the rarest class: it is"
    ):
        folds.split(faces, 12, seed=1)
    assert len(np.unique(folds.split(faces, 11, seed=1))) == 11


def test_the_folds_are_those_of_training_and_each_is_a_training_of_its_own(drawn, monkeypatch):
    monkeypatch.chdir(drawn.folder)
    images, split = np.load(paths.IMAGES), np.load(paths.SPLIT)
    whole = folds.job("stages.train", ["cnn"], {})
    fold_of = folds.split(whole.training, 2, seed=42)
    told = [folds.without("stages.train", ["cnn"], fold_of, number) for number in (1, 2)]
    assert np.array_equal(told[0].public.images, told[1].training.images)
    assert np.array_equal(told[0].training.images, told[1].public.images)
    both = np.concatenate([one.public.images for one in told])
    assert sorted(map(bytes, both)) == sorted(map(bytes, images[split == TRAINING]))
    assert told[0].read["fold.rows"] != told[1].read["fold.rows"]


def test_one_fold_is_refused_in_one_line(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["folds", "train@cnn", "--folds", "1"])
    with pytest.raises(SystemExit):
        folds.run(folds.main, "folds", "")
    assert "--folds: must be 2 or more, for there to be a spread. Received: 1" in capsys.readouterr().err
