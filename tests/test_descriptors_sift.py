"""Key points, vocabulary and histograms of visual words."""

import numpy as np
import pytest

from fer.descriptors import histograms, sift, vocabulary

SETTINGS = {"contrast_threshold": 0.01, "edge_threshold": 10.0, "sigma": 1.2}
K = 16


@pytest.fixture(scope="module")
def faces():
    """300 pictures of smooth random blobs, which have key points; number 7 is flat."""
    coarse = np.random.default_rng(0).random((300, 12, 12))
    pictures = (np.kron(coarse, np.ones((4, 4))) * 255).astype(np.uint8)
    pictures[7] = 128
    return pictures


@pytest.fixture(scope="module")
def described(faces):
    return sift.describe(faces, **SETTINGS)


@pytest.fixture(scope="module")
def words(described):
    return vocabulary.fit(described[0], K, seed=0)


def of(face, view, described):
    """Return the descriptors of one face and view."""
    descriptors, counts = described
    ends = np.concatenate([[0], counts.ravel().cumsum()])
    place = 2 * face + view
    return descriptors[ends[place] : ends[place + 1]]


def test_counts_add_up_to_the_descriptors(faces, described):
    descriptors, counts = described
    assert counts.shape == (len(faces), 2)
    assert descriptors.shape == (counts.sum(), 128)
    assert descriptors.dtype == np.uint8
    assert counts.dtype == np.int32
    assert np.median(counts) > 10


def test_descriptors_are_ordered_by_face_even_across_chunks(faces, described):
    for face in (0, 255, 256, 299):
        alone = sift.describe(faces[[face]], **SETTINGS)
        assert np.array_equal(of(face, 0, described), of(0, 0, alone))


def test_view_1_describes_the_mirror_image(faces, described):
    flipped = sift.describe(faces[:, :, ::-1], **SETTINGS)
    assert np.array_equal(of(3, 1, described), of(3, 0, flipped))
    assert not np.array_equal(of(3, 0, described), of(3, 1, described))


def test_the_number_of_workers_does_not_change_the_descriptors(faces, described):
    descriptors, counts = sift.describe(faces, **SETTINGS, workers=1)
    assert np.array_equal(descriptors, described[0])
    assert np.array_equal(counts, described[1])


def test_a_flat_face_has_no_key_points_and_a_histogram_of_zeros(described, words):
    assert described[1][7].tolist() == [0, 0]
    assert not histograms.describe(*described, words)[7].any()


def test_faces_without_any_key_point_are_described():
    descriptors, counts = sift.describe(np.zeros((3, 48, 48), np.uint8), **SETTINGS)
    assert descriptors.shape == (0, 128)
    assert not histograms.describe(descriptors, counts, np.ones((4, 128), np.float32)).any()


def test_histograms_sum_to_one(described, words):
    bags = histograms.describe(*described, words)
    assert bags.shape == (300, 2, K)
    assert bags.dtype == np.float32
    assert np.allclose(bags.sum(axis=2), described[1] > 0, atol=1e-6)


def test_histograms_equal_a_search_word_by_word(described, words):
    bags = histograms.describe(*described, words)
    for face, view in ((0, 0), (0, 1), (63, 1), (64, 0), (299, 1)):
        expected = np.zeros(K)
        found = of(face, view, described)
        for descriptor in found:
            expected[np.argmin([np.sum((descriptor - word) ** 2) for word in words.astype(float)])] += 1 / len(found)
        assert np.allclose(bags[face, view], expected, atol=1e-6)


def test_a_word_is_its_own_nearest_word(words):
    assert histograms.nearest_words(words, words).tolist() == list(range(K))


def test_the_vocabulary_is_the_same_twice_and_another_with_another_seed(described, words):
    again = vocabulary.fit(described[0], K, seed=0)
    assert again.tobytes() == words.tobytes()
    assert (words.shape, words.dtype) == ((K, 128), np.float32)
    assert not np.array_equal(vocabulary.fit(described[0], K, seed=1), words)


def test_the_sample_holds_descriptors_of_the_asked_faces_only(described):
    descriptors, counts = described
    asked = np.arange(len(counts)) < 150
    drawn = vocabulary.sample(counts, asked, 500, seed=0)
    assert len(np.unique(drawn)) == 500
    assert drawn.max() < counts[:150].sum()
    assert np.array_equal(vocabulary.sample(counts, asked, len(descriptors), seed=0), np.arange(counts[:150].sum()))


def test_the_vocabulary_does_not_depend_on_other_faces(faces, described):
    changed = faces.copy()
    changed[150:] = np.rot90(faces[150:], axes=(1, 2))
    training = np.arange(len(faces)) < 150
    vocabularies = []
    for descriptors, counts in (described, sift.describe(changed, **SETTINGS)):
        drawn = vocabulary.sample(counts, training, 500, seed=0)
        vocabularies.append(vocabulary.fit(descriptors[drawn], K, seed=0))
    assert np.array_equal(*vocabularies)


def test_too_few_descriptors_are_refused_with_both_numbers():
    with pytest.raises(ValueError, match=r"^5 SIFT descriptors cannot make 6 words: set sift\.vocabulary_size"):
        vocabulary.fit(np.zeros((5, 128), np.uint8), 6, seed=0)
