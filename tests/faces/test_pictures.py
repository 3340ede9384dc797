"""Pictures of any kind become RGB arrays, and what is none is refused in one line with name and reason."""

import io

import numpy as np
import pytest
from PIL import Image

from openfer.faces import pictures
from openfer.faces.pictures import PictureError, as_rgb, read_picture

RAMP = np.linspace(0, 255, 12 * 8 * 3).reshape(12, 8, 3).astype(np.uint8)


def packed(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def test_a_file_comes_back_as_rgb(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(packed(Image.fromarray(RAMP)))
    assert np.array_equal(read_picture(path), RAMP)


def test_grey_becomes_three_equal_channels():
    found = read_picture(packed(Image.fromarray(RAMP[..., 0])))
    assert np.array_equal(found, np.repeat(RAMP[..., :1], 3, axis=2))


def test_sixteen_bits_keep_their_contrast():
    deep = (RAMP[..., 0].astype(np.uint16)) * 257
    assert np.array_equal(read_picture(packed(Image.fromarray(deep)))[..., 0], RAMP[..., 0])


def test_transparency_is_white():
    alpha = np.zeros((12, 8, 1), np.uint8)
    assert (read_picture(packed(Image.fromarray(np.concatenate([RAMP, alpha], axis=2)))) == 255).all()


def test_cmyk_is_converted():
    white = Image.new("CMYK", (8, 12), (0, 0, 0, 0))
    assert (read_picture(packed(white, "JPEG")) > 250).all()


def test_a_picture_is_turned_as_exif_says():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_picture(packed(Image.fromarray(RAMP), "PNG", exif=exif)).shape == (8, 12, 3)


def test_of_an_animation_the_first_frame_counts():
    frames = [Image.new("RGB", (8, 12), colour) for colour in ("black", "white")]
    assert (read_picture(packed(frames[0], "GIF", save_all=True, append_images=frames[1:])) == 0).all()


def test_a_palette_with_a_transparent_colour_is_white_there():
    picture = Image.new("P", (8, 12), 0)
    picture.putpalette([200, 0, 0] * 256)
    assert (read_picture(packed(picture, "PNG", transparency=0)) == 255).all()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", r"photo\.jpg: the file is empty"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n", r"photo\.jpg: not a picture"),
        (b"this is text, not a picture", r"photo\.jpg: not a picture in a known format"),
        (packed(Image.fromarray(np.repeat(RAMP, 40, axis=0)), "JPEG")[:-400], r"photo\.jpg: damaged \(.*[tT]runcated"),
        (packed(Image.fromarray(RAMP))[:60], r"photo\.jpg: (damaged|not a picture)"),
    ],
    ids=["empty", "PostScript, which is a program", "text", "cut JPEG", "cut PNG"],
)
def test_what_is_no_picture_is_refused(tmp_path, content, reason):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(PictureError, match=reason):
        read_picture(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(PictureError, match=r"none\.png: No such file"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(PictureError, match="Is a directory"):
        read_picture(tmp_path)


def test_a_picture_of_400_million_pixels_is_refused_before_it_is_unpacked():
    huge = packed(Image.new("1", (20_000, 20_000)))
    with pytest.raises(PictureError, match=r"picture: (20,000 × 20,000|more than)"):
        read_picture(huge)


def test_the_limit_counts_pixels(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 95)
    with pytest.raises(PictureError, match=r"picture: 8 × 12 pixels are more than 95"):
        read_picture(packed(Image.fromarray(RAMP)))


@pytest.mark.parametrize(
    ("array", "order"),
    [
        (np.full((4, 5), 9, np.uint8), "rgb"),
        (np.full((4, 5, 1), 9, np.uint8), "bgr"),
        (np.full((4, 5, 4), 9, np.uint8), "rgb"),
    ],
    ids=["grey", "one channel", "opacity"],
)
def test_arrays_of_any_channels_become_rgb(array, order):
    np.testing.assert_array_equal(as_rgb(array, order), np.full((4, 5, 3), 9, np.uint8))


def test_the_order_of_opencv_is_turned_round():
    blue = np.zeros((2, 2, 3), np.uint8)
    blue[..., 0] = 255
    assert as_rgb(blue, "bgr")[0, 0].tolist() == [0, 0, 255]
    assert as_rgb(blue, "rgb")[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    ("array", "order", "message"),
    [
        (np.zeros((4, 5, 3)), "rgb", "must be uint8 .* float64"),
        (np.zeros((4, 5, 2), np.uint8), "rgb", r"1, 3 or 4 channels. Received: uint8 \(4, 5, 2\)"),
        (np.zeros((0, 5, 3), np.uint8), "rgb", "Received"),
        (np.zeros((4, 5, 3), np.uint8), "gbr", "rgb or bgr"),
    ],
)
def test_other_arrays_are_refused(array, order, message):
    with pytest.raises(PictureError, match=message):
        as_rgb(array, order)


def test_floating_point_pictures_are_refused(tmp_path):
    Image.fromarray(np.zeros((9, 9), np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(PictureError, match=r"a\.tif: a floating-point picture"):
        read_picture(str(tmp_path / "a.tif"))


@pytest.mark.parametrize("kind", ["AVIF", "WEBP", "PNG", "JPEG", "TIFF", "GIF"])
def test_whatever_is_damaged_in_a_file_is_one_line(kind):
    """A byte in fifty changed, at random: either a picture or a PictureError."""
    rng, content = np.random.default_rng(0), io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (40, 40, 3), np.uint8)).save(content, kind)
    for _ in range(50):
        damaged = np.frombuffer(content.getvalue(), np.uint8).copy()
        places = rng.integers(12, len(damaged), max(1, len(damaged) // 50))
        damaged[places] = rng.integers(0, 256, len(places))
        try:
            assert read_picture(damaged.tobytes()).dtype == np.uint8
        except PictureError as error:
            assert "\n" not in str(error)
