import os

import cv2
import numpy as np
import pytest
from PIL import Image

from openfer.data.source import read
from openfer.data.table import IngestError
from openfer.emotions import EMOTIONS
from tests.data.faces import faces

FLOATS = b"PF\n48 48\n-1.0\n" + np.ones((48, 48, 3), np.float32).tobytes()


def put(root, name, value=0, size=48, channels=None):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (size, size, channels) if channels else (size, size)
    cv2.imwrite(str(path), np.full(shape, value, np.uint8))


def test_folders_give_splits_labels_and_gray_images_in_the_order_of_paths(tmp_path):
    put(tmp_path, "train/Happiness/Training_2.png", 20)
    put(tmp_path, "train/angry/Training_1.jpg", 10, channels=3)
    put(tmp_path, "test/sad/PublicTest_3.png", 30)
    put(tmp_path, "test/sad/PrivateTest_4.png", 40)
    put(tmp_path, "test/neutral/mine.png", 50)
    put(tmp_path, "validation/Surprised/mine.png", 60)
    (tmp_path / "train/angry/Thumbs.db").write_bytes(b"x")
    (tmp_path / "train/angry/._Training_1.jpg").write_bytes(b"x")
    table = read(str(tmp_path), "error")
    assert table.images[:, 0, 0].tolist() == [50, 40, 30, 20, 10, 60]
    assert table.labels.tolist() == [6, 4, 4, 3, 0, 5]
    assert table.split.tolist() == [2, 2, 1, 0, 0, 1]
    assert table.images.shape == (6, 48, 48)
    assert table.passed_over == ["train/angry/._Training_1.jpg", "train/angry/Thumbs.db"]


FORMATS = ("jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff", "pgm", "ppm", "jp2", "gif", "avif")


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_that_opencv_reads_is_read(tmp_path, suffix):
    path = save(tmp_path, suffix, "RGB" if suffix == "ppm" else "L")
    table = read(str(tmp_path), "error")
    assert abs(table.images[0].astype(int) - np.asarray(Image.open(path).convert("L"))).max() <= 2
    assert table.passed_over == []


@pytest.mark.parametrize("suffix", ["png", "tiff", "pgm"])
def test_of_16_bits_the_upper_8_are_kept(tmp_path, suffix):
    put(tmp_path, "train/sad/b.png")
    cv2.imwrite(str(tmp_path / f"train/sad/a.{suffix}"), np.full((48, 48), 0x41FF, np.uint16))
    assert (read(str(tmp_path), "error").images[0] == 0x41).all()


def test_a_picture_is_known_by_its_content_where_the_name_does_not_tell(tmp_path):
    put(tmp_path, "train/sad/a.png", 90)
    (tmp_path / "train/sad/a.png").rename(tmp_path / "train/sad/Training_1")
    put(tmp_path, "train/sad/b.jpg", 30)
    (tmp_path / "train/sad/b.jpg").rename(tmp_path / "train/sad/b.jfif")
    assert read(str(tmp_path), "error").images[:, 0, 0].tolist() == [90, 30]


def test_files_that_are_hidden_or_no_pictures_are_passed_over_and_named(tmp_path):
    put(tmp_path, "train/sad/good.png")
    put(tmp_path, ".thumbnails/sad/small.png", size=8)
    exr = b"\x76\x2f\x31\x01" + b"x" * 99  # switched off in OpenCV
    others = {"labels.csv": b"a,b", "train/sad/face.exr": exr, "train/sad/face.svg": b"<svg/>", "train/.keep": b""}
    for name, content in others.items():
        (tmp_path / name).write_bytes(content)
    table = read(str(tmp_path), "error")
    assert len(table.images) == 1
    assert table.passed_over == sorted([".thumbnails/sad/small.png", *others])


def test_a_name_that_is_not_utf_8_is_passed_over(tmp_path):
    """OpenCV crashes on it."""
    put(tmp_path, "train/sad/good.png")
    name = os.fsdecode(b"caf\xe9.png")
    (tmp_path / "train" / "sad" / name).write_bytes((tmp_path / "train/sad/good.png").read_bytes())
    assert read(str(tmp_path), "error").passed_over == [f"train/sad/{name}"]


def save(root, suffix, mode="L"):
    """Save random pixels as train/sad/a.<suffix>, by Pillow."""
    path = root / f"train/sad/a.{suffix}"
    path.parent.mkdir(parents=True)
    Image.fromarray(faces(1)[0][0]).convert(mode).save(path)
    return path


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("train/angry/broken.jpg", b"no picture", "cannot be decoded"),
        ("train/angry/empty.png", b"", "cannot be decoded"),
        ("train/angry/float.pfm", FLOATS, "8 or 16 bits a pixel expected"),
        ("train/angry/vast.pgm", b"P5 99999 99999 255\n", "cannot be decoded"),
        ("train/contempt/a.png", None, "Received: 'contempt'"),
        ("mine/angry/a.png", None, "Received: 'mine'"),
    ],
)
def test_a_bad_picture_is_named_or_skipped(tmp_path, name, content, reason):
    put(tmp_path, "train/sad/good.png")
    put(tmp_path, name)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(IngestError, match=reason) as error:
        read(str(tmp_path), "error")
    assert name in str(error.value)
    table = read(str(tmp_path), "skip")
    assert table.labels.tolist() == [4]
    assert [bad.where for bad in table.skipped] == [name]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_picture_that_was_cut_off_is_bad(tmp_path, suffix, share, capfd):
    path = save(tmp_path, suffix)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_WARNING)
    with pytest.raises(IngestError, match="cannot be decoded"):
        read(str(tmp_path), "error")
    assert "loadsave" not in capfd.readouterr().err
    assert cv2.utils.logging.getLogLevel() == cv2.utils.logging.LOG_LEVEL_WARNING


def test_a_jpeg_that_was_cut_off_is_bad_whatever_its_name(tmp_path):
    put(tmp_path, "train/sad/a.jpg", 77)
    path = tmp_path / "train/sad/a.jpg"
    path.with_suffix(".png").write_bytes(path.read_bytes()[:-2])
    path.unlink()
    with pytest.raises(IngestError, match="cannot be decoded"):
        read(str(tmp_path), "error")


def test_another_size_is_refused_and_not_resized(tmp_path):
    put(tmp_path, "train/sad/a.png", size=96)
    with pytest.raises(IngestError, match=r"48 × 48 pixels expected\. Received: 96 × 96"):
        read(str(tmp_path), "error")


def test_a_folder_without_pictures_and_a_missing_source_say_what_to_do(tmp_path):
    with pytest.raises(IngestError, match=r"name the file in data\.source"):
        read(str(tmp_path), "error")
    with pytest.raises(IngestError, match=r"kaggle.*data/fer2013\.csv.*data\.source.*make demo"):
        read(str(tmp_path / "fer2013.csv"), "error")


def test_folders_may_have_names_of_ones_own_where_they_are_listed(tmp_path):
    put(tmp_path, "train/bored/1.png", 10)
    put(tmp_path, "train/Happy/1.png", 20)
    table = read(str(tmp_path), "error", (*EMOTIONS, "bored"))
    assert (table.names, table.labels.tolist()) == ((*EMOTIONS, "bored"), [3, 7])
    with pytest.raises(
        IngestError, match=r"bored/1\.png: folder emotion: one of angry, .*data\.emotions has, expected"
    ):
        read(str(tmp_path), "error")


def test_a_name_that_is_listed_is_no_synonym(tmp_path):
    put(tmp_path, "train/anger/1.png")
    assert read(str(tmp_path), "error", (*EMOTIONS, "anger")).labels.tolist() == [7]
    assert read(str(tmp_path), "error").labels.tolist() == [0]


def test_pictures_that_are_called_as_those_of_fer_plus_come_in_the_order_of_their_numbers(tmp_path):
    for number, place in enumerate(("train/sad", "test/angry", "train/angry")):
        put(tmp_path, f"{place}/fer{number:07d}.png", number)
    assert read(str(tmp_path), "error").images[:, 0, 0].tolist() == [0, 1, 2]
    put(tmp_path, "test/sad/another.png", 9)
    assert read(str(tmp_path), "error").images[:, 0, 0].tolist() == [1, 9, 2, 0]
