"""Checkpoints: the newest two are kept, and a damaged one costs an epoch, not the training."""

import logging
import time

import numpy as np
import pytest

from openfer.training.checkpoints import Checkpoints


def state(epoch: int) -> dict[str, np.ndarray]:
    return {"weight0": np.full((2, 3), epoch, np.float32), "history": np.array(f"[{epoch}]")}


def epochs_of(found) -> int | None:
    return found and found[0]


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path / "cnn" / "0f")


@pytest.fixture
def three(checkpoints):
    for epoch in (1, 2, 3):
        checkpoints.save(epoch, state(epoch))
    return checkpoints


def names(checkpoints) -> list[str]:
    return sorted(path.name for path in checkpoints.folder.iterdir())


def test_the_newest_state_comes_back_as_it_was(three):
    epochs, found = three.latest()
    assert epochs == 3
    assert found.keys() == state(3).keys()
    for name, array in state(3).items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_the_newest_two_are_kept(three):
    assert names(three) == ["epoch-0002.npz", "epoch-0003.npz"]


def test_epochs_count_as_numbers_not_as_text(checkpoints):
    for epoch in (9999, 10000, 10001):
        checkpoints.save(epoch, state(epoch))
    assert epochs_of(checkpoints.latest()) == 10001
    assert names(checkpoints) == ["epoch-10000.npz", "epoch-10001.npz"]


def test_nothing_saved_is_none(checkpoints):
    assert checkpoints.latest() is None


def test_who_only_reads_writes_nothing(three):
    reader = Checkpoints(three.folder, writes=False)
    reader.save(4, state(4))
    assert epochs_of(reader.latest()) == 3
    (three.folder / "epoch-0003.npz").write_bytes(b"damaged")
    assert epochs_of(reader.latest()) == 2
    assert names(three) == ["epoch-0002.npz", "epoch-0003.npz"]


def truncate(content: bytes) -> bytes:
    return content[: len(content) // 2]


def empty(content: bytes) -> bytes:
    return b""


def garbage(content: bytes) -> bytes:
    return b"not an archive" * 40


def flip_a_value(content: bytes) -> bytes:
    return content.replace(np.float32(3).tobytes(), np.float32(4).tobytes(), 1)


def change_the_compression(content: bytes) -> bytes:
    entry = content.index(b"PK\x01\x02")
    return content[: entry + 10] + b"\x09" + content[entry + 11 :]


def encrypt(content: bytes) -> bytes:
    entry = content.index(b"PK\x01\x02")
    return content[: entry + 8] + b"\x01" + content[entry + 9 :]


@pytest.mark.parametrize("damage", [truncate, empty, garbage, flip_a_value, change_the_compression, encrypt])
def test_a_damaged_newest_is_set_aside_and_the_one_before_it_used(three, damage, caplog):
    newest = three.folder / "epoch-0003.npz"
    newest.write_bytes(damage(newest.read_bytes()))
    with caplog.at_level(logging.WARNING):
        epochs, found = three.latest()
    assert epochs == 2
    np.testing.assert_array_equal(found["weight0"], state(2)["weight0"])
    assert names(three) == ["epoch-0002.npz", "epoch-0003.damaged"]
    assert "epoch-0003.npz is damaged" in caplog.text


def test_both_damaged_is_none(three):
    for path in three.folder.iterdir():
        path.write_bytes(b"")
    assert three.latest() is None
    assert names(three) == ["epoch-0002.damaged", "epoch-0003.damaged"]


def test_training_goes_on_after_a_damaged_file(three):
    (three.folder / "epoch-0003.npz").write_bytes(b"")
    three.latest()
    three.save(3, state(3))
    assert epochs_of(three.latest()) == 3


def test_a_state_that_cannot_be_saved_leaves_the_old_ones(three):
    with pytest.raises(RuntimeError, match="disk full"):
        three.save(4, {"weight0": Unsaveable()})
    assert names(three) == ["epoch-0002.npz", "epoch-0003.npz"]
    assert epochs_of(three.latest()) == 3


class Unsaveable:
    """Fails in the middle of saving."""

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        raise RuntimeError("disk full")


def test_an_unfinished_file_of_a_killed_process_is_not_read(three):
    (three.folder / ".123.part.epoch-0004.npz").write_bytes(b"half")
    assert epochs_of(three.latest()) == 3


def test_remove_deletes_the_folder_and_is_no_error_twice(three):
    three.remove()
    assert not three.folder.exists()
    three.remove()


def test_remove_takes_what_a_killed_process_left_along_but_no_file_of_others(three):
    (three.folder / ".123.part.epoch-0004.npz").write_bytes(b"half")
    (three.folder / "epoch-0001.damaged").write_bytes(b"")
    (three.folder / "notes.txt").touch()
    three.remove()
    assert names(three) == ["notes.txt"]


def test_a_clock_before_1980_is_no_reason_to_lose_a_checkpoint(checkpoints, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 0.0)
    checkpoints.save(1, state(1))
    epochs, found = checkpoints.latest()
    assert epochs == 1
    np.testing.assert_array_equal(found["weight0"], state(1)["weight0"])


def test_a_checkpoint_of_an_earlier_version_is_read(checkpoints):
    checkpoints.folder.mkdir(parents=True)
    with (checkpoints.folder / "epoch-0007.npz").open("wb") as file:
        np.savez(file, **state(7))
    assert epochs_of(checkpoints.latest()) == 7
