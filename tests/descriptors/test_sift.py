"""Key points, vocabulary and histograms of visual words."""

import numpy as np
import pytest

from openfer.descriptors import histograms, sift, vocabulary
from openfer.descriptors.settings import Histograms, KeyPoints

SETTINGS = KeyPoints(contrast_threshold=0.01, edge_threshold=10.0, sigma=1.2)
K = 16
PYRAMID = Histograms(levels=(1, 2), neighbours=3)


@pytest.fixture(scope="module")
def faces():
    """300 pictures of smooth random blobs, which have key points; number 7 is flat."""
    coarse = np.random.default_rng(0).random((300, 12, 12))
    pictures = (np.kron(coarse, np.ones((4, 4))) * 255).astype(np.uint8)
    pictures[7] = 128
    return pictures


@pytest.fixture(scope="module")
def described(faces):
    return sift.describe(faces, SETTINGS)


@pytest.fixture(scope="module")
def words(described):
    return vocabulary.fit(described[0], K, seed=0)


def of(face, view, described):
    """Return the descriptors of one face and view, and where they are."""
    descriptors, positions, counts = described
    ends = np.concatenate([[0], counts.ravel().cumsum()])
    place = 2 * face + view
    return descriptors[ends[place] : ends[place + 1]], positions[ends[place] : ends[place + 1]]


def test_counts_add_up_to_the_descriptors(faces, described):
    descriptors, positions, counts = described
    assert counts.shape == (len(faces), 2)
    assert descriptors.shape == (counts.sum(), 128)
    assert positions.shape == (counts.sum(), 2)
    assert descriptors.dtype == np.uint8
    assert positions.dtype == np.float32
    assert counts.dtype == np.int32
    assert np.median(counts) > 10


def test_descriptors_are_ordered_by_face_even_across_chunks(faces, described):
    for face in (0, 255, 256, 299):
        alone = sift.describe(faces[[face]], SETTINGS)
        for found, expected in zip(of(face, 0, described), of(0, 0, alone), strict=True):
            assert np.array_equal(found, expected)


def test_view_1_describes_the_mirror_image(faces, described):
    flipped = sift.describe(faces[:, :, ::-1], SETTINGS)
    for found, expected in zip(of(3, 1, described), of(3, 0, flipped), strict=True):
        assert np.array_equal(found, expected)
    assert not np.array_equal(of(3, 0, described)[0], of(3, 1, described)[0])


def test_positions_are_x_and_y_of_what_is_there():
    face = np.full((1, 48, 48), 100, np.uint8)
    face[0, 8:13, 30:35] = 250
    _, positions, counts = sift.describe(face, SETTINGS)
    places = positions[: counts[0, 0]]
    assert np.abs(places - [32, 10]).max(axis=1).min() < 2


def test_the_number_of_workers_does_not_change_the_descriptors(faces, described):
    for found, expected in zip(sift.describe(faces, SETTINGS, workers=1), described, strict=True):
        assert np.array_equal(found, expected)


def test_a_flat_face_has_no_key_points_and_a_histogram_of_zeros(described, words):
    assert described[2][7].tolist() == [0, 0]
    assert not histograms.describe(*described, words, PYRAMID)[7].any()


def test_faces_without_any_key_point_are_described():
    described = sift.describe(np.zeros((3, 48, 48), np.uint8), SETTINGS)
    assert described[0].shape == (0, 128)
    assert not histograms.describe(*described, np.ones((4, 128), np.float32), PYRAMID).any()


def test_histograms_have_a_value_a_word_and_cell_and_unit_length(described, words):
    bags = histograms.describe(*described, words, PYRAMID)
    assert bags.shape == (300, 2, 5 * K) == (300, 2, histograms.size(K, (1, 2)))
    assert bags.dtype == np.float32
    assert np.allclose(np.linalg.norm(bags, axis=2), described[2] > 0, atol=1e-6)


def expected_histogram(descriptors, positions, words, neighbours) -> np.ndarray:
    """The whole face, then its quarters, descriptor by descriptor."""
    counts = np.zeros((5, K))
    for descriptor, (x, y) in zip(sift.rootsift(descriptors).astype(float), positions, strict=True):
        distances = np.square(descriptor - words).sum(axis=1)
        nearest = np.argsort(distances)[:neighbours]
        shares = np.exp(-histograms.SHARPNESS * distances[nearest] / 2)
        for cell in (0, 1 + 2 * (y >= 24) + (x >= 24)):
            counts[int(cell), nearest] += shares / shares.sum()
    roots = np.sqrt(counts.ravel())
    return roots / np.linalg.norm(roots)


@pytest.mark.parametrize("neighbours", [1, 3])
def test_histograms_equal_a_search_word_by_word(described, words, neighbours):
    bags = histograms.describe(*described, words, Histograms(levels=(1, 2), neighbours=neighbours))
    for face, view in ((0, 0), (0, 1), (63, 1), (64, 0), (299, 1)):
        expected = expected_histogram(*of(face, view, described), words.astype(float), neighbours)
        assert np.allclose(bags[face, view], expected, atol=1e-4)


def test_a_word_is_its_own_nearest_word(words):
    found, shares = histograms.nearest_words(words, words, 1)
    assert found[:, 0].tolist() == list(range(K))
    assert (shares == 1).all()


def test_more_neighbours_than_words_are_refused(described, words):
    with pytest.raises(ValueError, match=r"^sift\.histograms\.neighbours must be at most the 16 words\. Received: 17"):
        histograms.describe(*described, words, Histograms(levels=(1,), neighbours=17))


def test_rootsift_is_the_root_of_l1_normalised_values_and_zero_stays_zero():
    descriptors = np.array([[1, 3, 0, 0], [0, 0, 0, 0]], np.uint8)
    assert np.allclose(sift.rootsift(descriptors), [[0.5, np.sqrt(0.75), 0, 0], [0, 0, 0, 0]])


def test_the_vocabulary_is_the_same_twice_and_another_with_another_seed(described, words):
    again = vocabulary.fit(described[0], K, seed=0)
    assert again.tobytes() == words.tobytes()
    assert (words.shape, words.dtype) == ((K, 128), np.float32)
    assert not np.array_equal(vocabulary.fit(described[0], K, seed=1), words)


def test_the_sample_holds_descriptors_of_the_asked_faces_only(described):
    descriptors, _, counts = described
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
    for descriptors, _, counts in (described, sift.describe(changed, SETTINGS)):
        drawn = vocabulary.sample(counts, training, 500, seed=0)
        vocabularies.append(vocabulary.fit(descriptors[drawn], K, seed=0))
    assert np.array_equal(*vocabularies)


def test_too_few_descriptors_are_refused_with_both_numbers():
    with pytest.raises(ValueError, match=r"^5 SIFT descriptors cannot make 6 words: set sift\.vocabulary\.words"):
        vocabulary.fit(np.zeros((5, 128), np.uint8), 6, seed=0)
