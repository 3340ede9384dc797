import numpy as np
import pytest

from openfer.data import near_duplicates
from openfer.data.near_duplicates import is_near_duplicate
from tests.data.faces import faces


def smooth(count, seed):
    """Return images whose neighbouring pixels are alike, as those of faces."""
    coarse = np.random.default_rng(seed).integers(0, 200, (count, 6, 6), dtype=np.uint8)
    return np.kron(coarse, np.ones((8, 8), np.uint8))


def noisy(images, strength, seed):
    noise = np.random.default_rng(seed).normal(0, strength, images.shape)
    return np.clip(images + noise, 0, 255).astype(np.uint8)


def by_definition(images, reference):
    tables = (array.reshape(len(array), -1).astype(float) for array in (images, reference))
    one, other = (table - table.mean(axis=1, keepdims=True) for table in tables)
    lengths = np.linalg.norm(one, axis=1)[:, None] * np.linalg.norm(other, axis=1)
    near = (one @ other.T / lengths > 0.98).any(axis=1)
    known = {image.tobytes() for image in reference}
    return near & [image.tobytes() not in known for image in images]


@pytest.mark.parametrize("strength", [1, 10, 11, 12, 13, 14, 40])
@pytest.mark.parametrize("kind", [smooth, lambda count, seed: faces(count, seed)[0]], ids=["smooth", "fine"])
def test_the_quick_way_finds_what_the_definition_says(strength, kind):
    reference = kind(40, 1)
    images = np.concatenate([noisy(reference, strength, 2), reference[:3], kind(20, 3)])
    np.testing.assert_array_equal(is_near_duplicate(images, reference), by_definition(images, reference))


def test_images_are_compared_across_the_borders_of_chunks(monkeypatch):
    reference = smooth(30, 1)
    images = noisy(reference, 3, 2)
    monkeypatch.setattr(near_duplicates, "AT_ONCE", 7)
    assert is_near_duplicate(images, reference[::-1]).all()


def stripes(period):
    """Return a pattern of 1 and -1, orthogonal to those of other periods."""
    return np.where(np.arange(48 * 48) // period % 2, 1, -1).reshape(1, 48, 48)


def test_a_correlation_of_exactly_98_hundredths_is_not_above():
    patterns = [stripes(period) for period in (1, 2, 4, 8)]
    for weights, near in (((49, 9, 3, 3), False), ((49, 9, 3, 2), True)):  # 49² + 9² + 3² + 3² = 50²
        mixed = sum(weight * pattern for weight, pattern in zip(weights, patterns, strict=True))
        images = (100 + mixed).astype(np.uint8), (100 + 50 * patterns[0]).astype(np.uint8)
        assert is_near_duplicate(*images).tolist() == [near]


def test_brightness_and_contrast_do_not_count_but_mirroring_does():
    reference = smooth(10, 1)
    assert is_near_duplicate(reference // 2 + 40, reference).all()
    assert not is_near_duplicate(reference[:, :, ::-1], reference).any()


@pytest.mark.filterwarnings("error")
def test_constant_images_and_nothing_have_no_near_duplicate():
    constant = np.full((2, 48, 48), 7, np.uint8)
    assert not is_near_duplicate(constant, np.concatenate([constant + 1, smooth(2, 1)])).any()
    assert not is_near_duplicate(smooth(2, 1), np.empty((0, 48, 48), np.uint8)).any()
    assert is_near_duplicate(np.empty((0, 48, 48), np.uint8), constant).shape == (0,)
