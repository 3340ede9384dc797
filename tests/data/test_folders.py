import cv2
import numpy as np
import pytest

from openfer.data.source import read, sha256
from openfer.data.table import IngestError


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


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("train/angry/broken.jpg", b"no picture", "cannot be decoded"),
        ("train/angry/empty.png", b"", "cannot be decoded"),
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


def test_a_jpeg_that_was_cut_off_is_bad(tmp_path):
    put(tmp_path, "train/sad/a.jpg", 77)
    path = tmp_path / "train/sad/a.jpg"
    path.write_bytes(path.read_bytes()[:-20])
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


def test_the_sha256_of_a_folder_follows_names_and_content(tmp_path):
    put(tmp_path, "train/sad/a.png", 1)
    before = sha256(str(tmp_path))
    assert before == sha256(str(tmp_path))
    put(tmp_path, "train/sad/a.png", 2)
    assert before != sha256(str(tmp_path))
