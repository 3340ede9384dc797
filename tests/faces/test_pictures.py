"""Pictures of any kind become RGB arrays, and what is none is refused in one line with name and reason."""

import io
import json
import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageOps, TiffImagePlugin

from openfer.faces import pictures
from openfer.faces.pictures import PictureError, as_rgb, read_picture, read_reduced
from tests.imports import ROOT

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


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_picture_with_damaged_exif_is_read_as_it_is(kind):
    found = read_picture(packed(Image.fromarray(RAMP), kind, exif=b"Exif\0\0garbage of no kind"))
    assert found.shape == RAMP.shape


def test_threads_leave_the_warnings_of_the_process_as_they_are():
    content = packed(Image.fromarray(RAMP), "PNG")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(read_picture, [content] * 200))
        warnings.warn("the user's own", stacklevel=1)
    assert [str(one.message) for one in told] == ["the user's own"]


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_every_orientation_is_turned_as_pillow_turns_it(turn, kind):
    exif = Image.Exif()
    exif[0x0112] = turn
    content = packed(Image.fromarray(RAMP), kind, exif=exif)
    found = read_reduced(content)
    assert np.array_equal(found.pixels, np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content)))))
    assert found.size == found.pixels.shape[1::-1]


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


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_strips_make_the_picture_that_a_whole_makes(mode, monkeypatch):
    rng = np.random.default_rng(0)
    deep, coloured = rng.integers(0, 65536, (30, 20), np.uint16), rng.integers(0, 256, (30, 20, 4), np.uint8)
    picture = Image.fromarray(deep) if mode == "I;16" else Image.fromarray(coloured)
    content = packed(picture.convert("RGB").convert(mode) if mode in ("1", "P") else picture.convert(mode))
    whole = read_picture(content)
    monkeypatch.setattr(pictures, "STRIP", 70)
    assert np.array_equal(read_picture(content), whole)


@pytest.mark.parametrize("turn", [1, 6])
def test_a_jpeg_above_the_limit_comes_at_half_the_size_and_says_so(monkeypatch, turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    content = packed(Image.fromarray(noise(81, 121)), "JPEG", exif=exif)
    monkeypatch.setattr(pictures, "MOST_PIXELS", 9_000)
    found = read_reduced(content)
    assert found.reduced == 2
    assert found.size == ((121, 81) if turn == 1 else (81, 121))
    assert found.pixels.shape == ((41, 61, 3) if turn == 1 else (61, 41, 3))


def test_a_jpeg_that_would_unpack_whole_or_is_larger_still_is_refused(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 9_000)
    with pytest.raises(PictureError, match="121 × 81 pixels are more than 9,000"):
        read_picture(packed(Image.fromarray(noise(81, 121)), "JPEG", progressive=True))
    monkeypatch.setattr(pictures, "MOST_REDUCED", 9_500)
    with pytest.raises(PictureError, match="121 × 81 pixels are more than 9,500"):
        read_picture(packed(Image.fromarray(noise(81, 121)), "JPEG"))


def test_a_phones_108_megapixels_are_read_and_200_too():
    """Sizes at which Image.open itself warns and refuses."""
    for width, height in ((12_000, 9_000), (16_320, 12_240)):
        found = read_reduced(packed(Image.new("L", (width, height), 77), "JPEG"))
        assert (found.size, found.pixels.shape) == ((width, height), (height // 2, width // 2, 3))
        assert (found.pixels[::500, ::500] == 77).all()


@pytest.mark.parametrize(("mode", "turn"), [("LA", 1), ("RGB", 6), ("P", 1), ("I;16", 1)])
def test_a_picture_takes_no_more_memory_than_three_times_its_array(mode, turn, tmp_path):
    """Measured by the system, in a process of its own."""
    exif = Image.Exif()
    exif[0x0112] = turn
    Image.new(mode, (5_000, 5_000)).save(tmp_path / "a.png", exif=exif)
    code = """if True:
        import json, sys
        from openfer.faces.pictures import read_picture
        from tests.memory import peak
        before = peak()
        pixels = read_picture(sys.argv[1])
        print(json.dumps([peak() - before, pixels.nbytes]))
    """
    command = [sys.executable, "-c", code, str(tmp_path / "a.png")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    taken, array = json.loads(done.stdout)
    assert array < taken < 3 * array


def test_a_picture_of_an_iphone_is_read(tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif")
    ramp = np.repeat(np.repeat(RAMP, 8, axis=0), 8, axis=1)
    pillow_heif.from_pillow(Image.fromarray(ramp)).save(tmp_path / "IMG_1.HEIC", quality=95)
    found = read_picture(tmp_path / "IMG_1.HEIC")
    assert found.shape == ramp.shape
    assert np.abs(found.astype(int) - ramp).mean() < 12
    with pytest.raises(PictureError, match="IMG_1"):
        read_picture((tmp_path / "IMG_1.HEIC").read_bytes()[:300], "IMG_1")


def test_heic_without_its_reader_is_one_line_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PictureError, match=r"picture: HEIC is read by pillow-heif.*pip install pillow-heif"):
        read_picture(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")


def test_the_reader_of_heic_is_loaded_when_there_is_one_alone():
    code = "import sys; import openfer.faces.pictures; sys.exit('pillow_heif' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("tag", [pictures.DNG_VERSION, pictures.SUBFILE])
def test_the_preview_in_raw_data_of_a_camera_is_not_taken_for_the_picture(tag):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[tag] = 1 if tag == pictures.SUBFILE else b"\1\4\0\0"
    tags.tagtype[tag] = 4 if tag == pictures.SUBFILE else 1
    with pytest.raises(PictureError, match="raw data of a camera"):
        read_picture(packed(Image.fromarray(RAMP), "TIFF", tiffinfo=tags))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_read_to_its_end(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    with subprocess.Popen([sys.executable, "-c", code, str(pipe)], stdin=subprocess.PIPE) as writing:
        writing.stdin.write(packed(Image.fromarray(RAMP)))
        writing.stdin.close()
        assert np.array_equal(read_picture(pipe), RAMP)
