"""Random views: drawn from the seed within their ranges, and applied to where and what they say."""

import dataclasses

import keras
import numpy as np
import pytest

from openfer.emotions import IMAGE_SIZE
from openfer.training.augment_layer import Augment
from openfer.training.augmentation import CENTRE, DRAWN, affine, draw
from openfer.training.settings import Ranges
from tests.training.small import STILL

WILD = Ranges(rotation=25, scale=0.3, shift=0.2, gain=0.4, gamma=1, light=0.5, blur=0.8, erase=0.3, fade=0)
NOTHING = {
    "gain": np.ones((1, 1), np.float32),
    "gamma": np.ones((1, 1), np.float32),
    "light": np.zeros((1, 2), np.float32),
    "blur": np.zeros((1, 1), np.float32),
    "box": np.zeros((1, 4), np.float32),
}
"""What changes nothing of a view."""


def noise(count: int = 1) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (count, IMAGE_SIZE, IMAGE_SIZE, 1)).astype(np.float32)


def dot(row: int, column: int) -> np.ndarray:
    picture = np.zeros((1, IMAGE_SIZE, IMAGE_SIZE, 1), np.float32)
    picture[0, row, column] = 200
    return picture


def brightest(view: np.ndarray) -> tuple[int, int]:
    return tuple(int(index) for index in np.unravel_index(view[0, :, :, 0].argmax(), view.shape[1:3]))


def transform(mirrored=0, degrees=0.0, scale=1.0, right=0.0, down=0.0) -> np.ndarray:
    angle = np.deg2rad([degrees])
    return affine(np.array([mirrored]), angle, np.array([scale]), np.array([[right], [down]]))


def view(picture: np.ndarray, transform: np.ndarray, **drawn: float | list[float]) -> np.ndarray:
    changed = {name: np.reshape(values, (1, -1)).astype(np.float32) for name, values in drawn.items()}
    return keras.ops.convert_to_numpy(Augment()(picture, transform, **(NOTHING | changed)))


def to_picture(transform: np.ndarray, x: float, y: float) -> tuple[float, float]:
    """Apply a transform by its definition to a position in the view."""
    a, b, c, d, e, f, *perspective = transform[0].astype(float)
    assert perspective == [0, 0]
    return a * x + b * y + c, d * x + e * y + f


def test_still_ranges_give_the_picture_or_its_exact_mirror_image():
    pictures = noise(20)
    drawn = draw(np.random.default_rng(0), 20, STILL)
    mirrored = drawn.pop("mirrored").astype(bool)
    views = keras.ops.convert_to_numpy(Augment()(pictures, **drawn))
    assert 0 < mirrored.sum() < 20
    np.testing.assert_array_equal(views[~mirrored], pictures[~mirrored])
    np.testing.assert_array_equal(views[mirrored], pictures[mirrored][:, :, ::-1])


def test_all_ranges_shrink_evenly_over_the_last_part_of_a_training():
    ranges = dataclasses.replace(WILD, fade=0.4)
    assert ranges.after(0) == ranges.after(0.6) == ranges
    half = ranges.after(0.8)
    for name in ("rotation", "scale", "shift", "gain", "gamma", "light", "blur", "erase"):
        assert getattr(half, name) == pytest.approx(getattr(ranges, name) / 2)
    assert WILD.after(0.99) == WILD


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"right": 5, "down": 3}, (27, 39)),
        ({"right": -5, "down": -3}, (21, 29)),
        ({"degrees": 90}, (34, 23)),
        ({"degrees": -90}, (13, 24)),
        ({"degrees": 180}, (23, 13)),
        ({"mirrored": 1}, (24, 13)),
        ({"mirrored": 1, "degrees": 90}, (13, 23)),
        ({"mirrored": 1, "right": 5}, (24, 18)),
    ],
)
def test_a_dot_moves_to_where_the_transform_says(change, place):
    moved = view(dot(24, 34), transform(**change))
    assert brightest(moved) == place
    assert moved.max() == pytest.approx(200, abs=0.1)


def test_a_scale_above_one_enlarges():
    x, y = to_picture(transform(scale=2), CENTRE + 20, CENTRE - 6)
    assert (x, y) == pytest.approx((CENTRE + 10, CENTRE - 3))


@pytest.mark.parametrize("mirrored", [0, 1])
def test_the_shifted_centre_comes_from_the_centre_of_the_picture(mirrored):
    matrix = transform(mirrored, degrees=17, scale=1.2, right=4.5, down=-3.25)
    assert to_picture(matrix, CENTRE + 4.5, CENTRE - 3.25) == pytest.approx((CENTRE, CENTRE), abs=1e-4)


def test_values_outside_the_picture_repeat_its_border():
    picture = noise()
    moved = view(picture, transform(right=10, down=7))
    np.testing.assert_array_equal(moved[:, 7:, 10:], picture[:, :-7, :-10])
    assert (moved[:, 7:, :10] == picture[:, :-7, :1]).all()
    assert (moved[:, :7, 10:] == picture[:, :1, :-10]).all()


def test_gain_stretches_the_contrast_about_mid_grey():
    picture = noise()
    np.testing.assert_allclose(view(picture, transform(), gain=1.5), 127.5 + 1.5 * (picture - 127.5), rtol=1e-5)


def test_the_box_is_painted_mid_grey_and_nothing_else():
    picture = noise()
    erased = view(picture, transform(), gain=2, box=[10, 20, 5, 9])
    inside = np.zeros(picture.shape, bool)
    inside[:, 10:20, 5:9] = True
    assert (erased[inside] == 127.5).all()
    np.testing.assert_array_equal(erased[~inside], view(picture, transform(), gain=2)[~inside])


def test_gamma_is_the_exponent_of_the_grey_values():
    picture = noise()
    np.testing.assert_allclose(
        view(picture, transform(), gamma=1.4), 255 * (picture / 255) ** 1.4, rtol=1e-4, atol=1e-3
    )


def test_where_nothing_changes_the_light_a_grey_value_stays_what_it_was_to_the_bit():
    bright = noise() + np.float32(0.5)  # a turned picture has values a little above white
    np.testing.assert_array_equal(view(bright, transform()), bright)
    assert view(bright, transform(), gamma=1.01).max() <= 255


def test_light_rises_evenly_along_its_direction_and_white_stays_white():
    picture = np.full((1, IMAGE_SIZE, IMAGE_SIZE, 1), 100, np.float32)
    lit = view(picture, transform(), light=[0.3, -0.2])[0, :, :, 0]
    assert lit[0, 0] == pytest.approx(100 * (1 - 0.3 + 0.2), abs=1e-3)
    assert lit[0, -1] == pytest.approx(100 * (1 + 0.3 + 0.2), abs=1e-3)
    assert lit[-1, -1] == pytest.approx(100 * (1 + 0.3 - 0.2), abs=1e-3)
    assert lit.mean() == pytest.approx(100, abs=1e-2)
    assert view(picture + 150, transform(), light=[0.3, 0]).max() == 255


def test_blur_mixes_a_smooth_copy_in():
    point = dot(24, 24)
    blurred = view(point, transform(), blur=1)
    assert blurred[0, 24, 24, 0] == pytest.approx(200 * 9 / 81, rel=1e-4)
    assert blurred.sum() == pytest.approx(200, rel=1e-4)
    np.testing.assert_allclose(view(point, transform(), blur=0.25), 0.75 * point + 0.25 * blurred, atol=1e-3)


def test_every_view_has_its_own_transform_gain_light_and_box():
    pictures = noise(6)
    drawn = draw(np.random.default_rng(3), 6, dataclasses.replace(WILD, erase=1))
    drawn.pop("mirrored")
    together = keras.ops.convert_to_numpy(Augment()(pictures, **drawn))
    for index in range(6):
        alone = Augment()(pictures[index : index + 1], **{key: rows[index : index + 1] for key, rows in drawn.items()})
        np.testing.assert_allclose(together[index], alone[0], atol=1e-3)


def test_the_same_seed_draws_the_same_and_another_seed_something_else():
    first, same, other = (draw(np.random.default_rng(seed), 16, WILD) for seed in (1, 1, 2))
    for name, rows in first.items():
        np.testing.assert_array_equal(rows, same[name])
        assert (rows != other[name]).any()


def test_about_half_of_the_views_are_mirrored():
    drawn = draw(np.random.default_rng(0), 4000, WILD)
    assert drawn["mirrored"].mean() == pytest.approx(0.5, abs=0.03)
    determinant = np.linalg.det(drawn["transform"][:, [[0, 1], [3, 4]]])
    np.testing.assert_array_equal(determinant < 0, drawn["mirrored"] == 1)


def test_draws_fill_their_ranges_and_stay_within_them():
    drawn = draw(np.random.default_rng(0), 4000, WILD)
    cosine, sine = drawn["transform"][:, 4], -drawn["transform"][:, 3]
    angle, scale = np.rad2deg(np.arctan2(sine, cosine)), 1 / np.hypot(sine, cosine)
    ranges = [(angle, -25, 25), (scale, 0.7, 1.3), (drawn["gain"], 0.6, 1.4), (np.log2(drawn["gamma"]), -1, 1)]
    ranges += [(np.hypot(*drawn["light"].T), 0, 0.5), (drawn["blur"], 0, 0.8)]
    for found, low, high in ranges:
        slack = (high - low) / 100
        assert low - 1e-4 <= found.min() < low + slack
        assert high - slack < found.max() <= high + 1e-4


def test_shifts_stay_within_their_share_of_the_side():
    drawn = draw(np.random.default_rng(0), 4000, dataclasses.replace(STILL, shift=0.1))
    down = -drawn["transform"][:, 5]
    assert np.abs(down).max() == pytest.approx(0.1 * IMAGE_SIZE, rel=0.01)
    assert np.abs(down).max() <= 0.1 * IMAGE_SIZE + 1e-4


def test_boxes_are_as_frequent_as_the_recipe_says_and_cover_two_to_fifteen_per_cent_of_the_picture():
    top, bottom, left, right = draw(np.random.default_rng(0), 4000, WILD)["box"].T
    erased = bottom > top
    assert erased.mean() == pytest.approx(0.3, abs=0.03)
    assert min(top.min(), left.min()) >= 0
    assert max(bottom.max(), right.max()) <= IMAGE_SIZE
    share = ((bottom - top) * (right - left))[erased] / IMAGE_SIZE**2
    assert share.min() >= 0.02 - 1e-4
    assert share.max() <= 0.15 + 1e-4


def test_the_layer_gives_views_of_the_size_of_the_picture():
    image = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1))
    drawn = {name: keras.Input((size,)) for name, size in DRAWN.items()}
    assert Augment()(image, **drawn).shape == (None, IMAGE_SIZE, IMAGE_SIZE, 1)
    assert view(noise(), transform()).shape == (1, IMAGE_SIZE, IMAGE_SIZE, 1)


def test_what_is_drawn_has_the_shapes_that_the_layer_takes():
    shapes = {name: rows.shape for name, rows in draw(np.random.default_rng(0), 5, WILD).items()}
    assert shapes == {"mirrored": (5,)} | {name: (5, size) for name, size in DRAWN.items()}


def test_light_comes_from_all_sides():
    light = draw(np.random.default_rng(0), 4000, WILD)["light"]
    assert np.abs(light.mean(axis=0)).max() < 0.02
