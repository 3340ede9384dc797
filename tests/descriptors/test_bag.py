"""The bag of SIFT words as published."""

import cv2
import numpy as np
import pytest

from openfer.descriptors import bag
from openfer.descriptors.settings import Bag
from openfer.errors import Refused


@pytest.fixture(scope="module")
def faces():
    """300 pictures of smooth random blobs, which have key points; numbers 0 and 7 are flat."""
    coarse = np.random.default_rng(0).random((300, 12, 12))
    pictures = (np.kron(coarse, np.ones((4, 4))) * 255).astype(np.uint8)
    pictures[[0, 7]] = 128
    return pictures


@pytest.fixture(scope="module")
def described(faces):
    return bag.describe(faces)


def test_key_points_are_those_of_opencvs_default_detector_without_mirror_images(faces, described):
    descriptors, counts = described
    assert len(descriptors) == counts.sum()
    assert (counts == 0).nonzero()[0].tolist() == [0, 7]
    ends = np.concatenate([[0], counts.cumsum()])
    for face in (1, 8, 255, 256, 299):
        _, expected = cv2.SIFT_create().detectAndCompute(faces[face], None)
        assert np.array_equal(descriptors[ends[face] : ends[face + 1]], expected)


def test_histograms_are_shares_of_the_nearest_words_row_by_row(described, monkeypatch):
    descriptors, counts = described
    words = bag.fit(descriptors, counts, np.ones(300, bool), Bag(words=16, seed=0))
    monkeypatch.setattr(bag, "BLOCK", 100)
    found = bag.histograms(descriptors, counts, words)
    assert (found.shape, found.dtype) == ((300, 16), np.float32)
    assert found.sum(axis=1) == pytest.approx((counts > 0).astype(float))
    ends = np.concatenate([[0], counts.cumsum()])
    for face in (0, 1, 7, 8, 299):
        own = descriptors[ends[face] : ends[face + 1], np.newaxis].astype(float)
        nearest = np.square(own - words).sum(axis=2).argmin(axis=1)
        expected = np.bincount(nearest, minlength=16) / max(len(own), 1)
        assert found[face] == pytest.approx(expected)


def test_words_are_learned_from_training_alone(described):
    descriptors, counts = described
    training = np.arange(300) < 200
    words = bag.fit(descriptors, counts, training, Bag(words=8, seed=3))
    changed = descriptors.copy()
    changed[counts[:200].sum() :] = 0
    assert np.array_equal(words, bag.fit(changed, counts, training, Bag(words=8, seed=3)))
    assert not np.array_equal(words, bag.fit(changed, counts, ~training, Bag(words=8, seed=3)))


def test_more_words_than_descriptors_are_one_line(described):
    descriptors, counts = described
    with pytest.raises(
        Refused, match=r"features\.sift\.words of baselines/params\.yaml must be at most the [\d,]+ SIFT"
    ):
        bag.fit(descriptors, counts, np.arange(300) < 2, Bag(words=2048, seed=0))
