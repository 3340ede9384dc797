import gc
import gzip
import io
import lzma
import tarfile
import threading
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openfer.data import csv_file
from openfer.data.csv_file import read_csv
from openfer.data.table import IngestError
from tests.data.faces import OFFICIAL, csv_bytes, faces

ICML = ("emotion", "Usage", "pixels")
ICML_HEADER = "emotion, Usage, pixels"
PIXELS = " ".join(["7"] * 2304)


def read(tmp_path, content, on_bad_row="error", name="fer2013.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return read_csv(path, on_bad_row)


def assert_same(table, images, labels, split):
    np.testing.assert_array_equal(table.images, images)
    np.testing.assert_array_equal(table.labels, labels)
    np.testing.assert_array_equal(table.split, split)
    assert table.images.dtype == table.labels.dtype == table.split.dtype == np.uint8
    assert table.skipped == []


def tar_gz(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def around(content):
    return {"fer2013/README": b"read me", "fer2013/fer2013.csv": content, "__MACOSX/fer2013/._fer2013.csv": b"x"}


PACKERS = {
    "fer2013.csv": lambda content: content,
    "fer2013.csv.gz": gzip.compress,
    "fer2013.csv.xz": lzma.compress,
    "fer2013.zip": lambda content: zipped(around(content)),
    "fer2013.tar.gz": lambda content: tar_gz(around(content)),
    "dotted.tar.gz": lambda content: tar_gz({"./fer2013.csv": content}),
}


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize(("columns", "header"), [(OFFICIAL, None), (ICML, ICML_HEADER)])
def test_every_packing_of_both_variants_gives_the_same_rows(tmp_path, name, columns, header):
    rows = faces(20)
    content = csv_bytes(*rows, columns=columns, header=header)
    assert_same(read(tmp_path, PACKERS[name](content), name=name), *rows)


def test_rows_keep_their_order_over_many_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "CHUNK", 5000)  # less than a row: lines are put together again
    rows = faces(100)
    assert_same(read(tmp_path, csv_bytes(*rows)), *rows)


def test_the_archive_of_the_challenge_is_read_by_the_official_name(tmp_path):
    rows = faces(3)
    files = {"train.csv": b"a,b", "icml_face_data.csv": csv_bytes(*rows, columns=ICML, header=ICML_HEADER)}
    assert_same(read(tmp_path, zipped(files), name="challenge.zip"), *rows)


@pytest.mark.parametrize("columns", [OFFICIAL[:2], OFFICIAL[1::-1]])
def test_train_csv_of_the_challenge_names_no_splits(tmp_path, columns):
    images, labels, split = faces(20)
    table = read(tmp_path, csv_bytes(images, labels, split, columns=columns), name="train.csv")
    np.testing.assert_array_equal(table.images, images)
    np.testing.assert_array_equal(table.labels, labels)
    assert table.split is None


def test_a_bad_row_of_train_csv_is_named_and_can_be_left_out(tmp_path):
    content = csv_bytes(*faces(5), columns=OFFICIAL[:2]) + f"3,{PIXELS},Training\n3,{PIXELS} \n".encode()
    with pytest.raises(IngestError, match=r"line 7: columns emotion, pixels expected\. Received 3"):
        read(tmp_path, content)
    table = read(tmp_path, content, "skip")
    assert (len(table.images), table.split, len(table.skipped)) == (6, None, 1)


VARIATIONS = {
    "CRLF": lambda rows: csv_bytes(*rows, end="\r\n"),
    "CRLF after pixels": lambda rows: csv_bytes(*rows, columns=ICML, end="\r\n"),
    "byte order mark": lambda rows: b"\xef\xbb\xbf" + csv_bytes(*rows),
    "blank lines at the end": lambda rows: csv_bytes(*rows) + b"\n  \n\r\n",
    "no line feed at the end": lambda rows: csv_bytes(*rows).rstrip(),
    "doubled blanks": lambda rows: csv_bytes(*rows, blank="  "),
    "blanks round fields": lambda rows: csv_bytes(*rows).replace(b",", b" , "),
    "quoted fields": lambda rows: b"\n".join(
        b",".join(b'"%s"' % cell for cell in line.split(b",")) for line in csv_bytes(*rows).splitlines()
    ),
}


@pytest.mark.parametrize("variation", VARIATIONS)
def test_harmless_variations_are_read(tmp_path, variation):
    rows = faces(6)
    assert_same(read(tmp_path, VARIATIONS[variation](rows)), *rows)


def swapped(position, number):
    numbers = PIXELS.split()
    numbers[position - 1] = number
    return " ".join(numbers)


BAD_PIXELS = ("256", "299", "999", "-1", "3.5", "nan", "1234", "0007", "7\x00", "é", "+7", '"7')
BAD_ROWS = [
    *[(f"{label},{PIXELS},Training", ("column emotion", repr(label))) for label in ("7", "-1", "1.0", "", "x", "01")],
    *[
        (f"0,{swapped(at, bad)},Training", ("column pixels", f"number {at}:", repr(bad)))
        for bad in BAD_PIXELS
        for at in (1, 13, 2304)
    ],
    (f"0,{PIXELS} 7,Training", ("column pixels", "2304 numbers", "2305")),
    (f"0,{PIXELS[2:]},Training", ("column pixels", "2304 numbers", "2303")),
    ("0,,Training", ("column pixels", "Received: 0")),
    (f"0,{PIXELS},Test", ("column Usage", "'Test'")),
    (f"0,{PIXELS},", ("column Usage", "''")),
    (f"0,{PIXELS}", ("columns", "Received 2")),
    (f"0,{PIXELS},Training,x", ("columns", "Received 4")),
    ("@inproceedings{goodfellow2013", ("columns", "Received 1", "@inproceedings")),
]


BEFORE, AFTER = csv_bytes(*faces(40)), csv_bytes(*faces(3)).split(b"\n", 1)[1]


@pytest.mark.parametrize(("line", "named"), BAD_ROWS)
def test_a_bad_row_is_named_by_file_line_column_and_value(tmp_path, line, named):
    content = BEFORE + line.encode() + b"\n" + AFTER
    with pytest.raises(IngestError) as error:
        read(tmp_path, content)
    message = str(error.value)
    assert "fer2013.csv, line 42:" in message
    assert all(part in message for part in named), message
    assert "\n" not in message


def test_rows_of_2303_and_2305_pixels_do_not_balance_each_other(tmp_path):
    lines = f"emotion,pixels,Usage\n0,{PIXELS} 7,Training\n0,{PIXELS[2:]},Training\n"
    with pytest.raises(IngestError, match=r"line 2: column pixels.* 2305"):
        read(tmp_path, lines.encode())


def test_skip_leaves_bad_rows_out_and_lists_them(tmp_path):
    rows = faces(80)
    lines = csv_bytes(*rows).splitlines(keepends=True)
    content = b"".join([*lines[:5], b"7,1 2,Training\n", *lines[5:], b"stray text\n" * 30])
    table = read(tmp_path, content, "skip")
    np.testing.assert_array_equal(table.images, rows[0])
    np.testing.assert_array_equal(table.labels, rows[1])
    assert [bad.where for bad in table.skipped] == ["line 6", *[f"line {line}" for line in range(83, 113)]]
    assert "column emotion" in table.skipped[0].reason


def test_line_numbers_go_on_over_chunks_with_bad_and_empty_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "CHUNK", 20_000)
    row = csv_bytes(*faces(1)).splitlines(keepends=True)[1]
    content = csv_bytes(*faces(9)) + b"stray\n\n" + row * 9 + b"stray\n" + row
    assert [bad.where for bad in read(tmp_path, content, "skip").skipped] == ["line 11", "line 22"]


def test_a_file_of_bad_rows_alone_leaves_nothing(tmp_path):
    table = read(tmp_path, b"emotion,pixels,Usage\nstray\n", "skip")
    assert (table.images.shape, table.labels.size, table.split.size) == ((0, 48, 48), 0, 0)
    assert [bad.where for bad in table.skipped] == ["line 2"]


def test_reading_starts_no_thread(tmp_path, monkeypatch):
    monkeypatch.setattr(threading.Thread, "start", lambda thread: pytest.fail(f"{thread} was started"))
    assert len(read(tmp_path, csv_bytes(*faces(9))).images) == 9


def test_200_bad_files_in_one_process_end_in_seconds(tmp_path, monkeypatch):
    """A reading that a bad row ends leaves nothing that hangs when it is collected, whenever that is."""
    monkeypatch.setattr(csv_file, "CHUNK", 5000)
    content = csv_bytes(*faces(4))
    bad = [content + b"stray\n" + content * 3, content.replace(b"PublicTest", b"Test"), content[:-200]]
    gc.collect()
    gc.freeze()  # what other tests have left takes a collection long
    try:
        for run in range(200):
            with pytest.raises(IngestError):
                read(tmp_path, bad[run % len(bad)])
            gc.collect()
    finally:
        gc.unfreeze()


GOOD = csv_bytes(*faces(20))
DAMAGED = {
    "empty": ("fer2013.csv", b"", "is empty"),
    "header only": ("fer2013.csv", b"emotion,pixels,Usage\n", "no rows"),
    "wrong header": ("fer2013.csv", b"a,b,c\n1,2,3\n", "header must name emotion, pixels, Usage"),
    "no header": ("fer2013.csv", GOOD.split(b"\n", 1)[1], "header must name"),
    "UTF-16": ("fer2013.csv", GOOD.decode().encode("utf-16"), "not UTF-8"),
    "binary": ("fer2013.csv", bytes(range(255, 0, -1)) * 50, "not UTF-8"),
    "packed, but not by name": ("fer2013.csv", gzip.compress(GOOD), "not UTF-8"),
    "not gzip": ("fer2013.csv.gz", GOOD, "damaged or cut off"),
    "gzip cut off": ("fer2013.csv.gz", gzip.compress(GOOD)[:-3000], "damaged or cut off"),
    "xz cut off": ("fer2013.csv.xz", lzma.compress(GOOD)[:-3000], "damaged or cut off"),
    "not xz": ("fer2013.csv.xz", GOOD, "damaged or cut off"),
    "zip cut off": ("fer2013.zip", zipped({"a.csv": GOOD})[:-3000], "damaged or cut off"),
    "tar cut off": ("fer2013.tar.gz", tar_gz({"a.csv": GOOD})[:-3000], "damaged or cut off"),
    "tar of nothing": ("fer2013.tar.gz", gzip.compress(b""), "fer2013.tar.gz"),
    "zip without CSV": ("fer2013.zip", zipped({"README": b"x"}), "Found: none"),
    "zip with two": ("fer2013.zip", zipped({"a.csv": GOOD, "b.csv": GOOD}), "Found: a.csv, b.csv"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_gives_one_clear_line(tmp_path, damage):
    name, content, reason = DAMAGED[damage]
    with pytest.raises(IngestError) as error:
        read(tmp_path, content, name=name)
    assert reason in str(error.value)
    assert name in str(error.value)
    assert "\n" not in str(error.value)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 40),
    columns=st.permutations(OFFICIAL),
    blank=st.sampled_from([" ", "  ", " \t"]),
    end=st.sampled_from(["\n", "\r\n"]),
    low=st.sampled_from([1, 10, 100, 256]),
)
def test_any_valid_rows_come_back_exactly(tmp_path, seed, count, columns, blank, end, low):
    images, labels, split = faces(count, seed)
    images %= low if low < 256 else 255  # numbers of one digit, of two, of three
    content = csv_bytes(images, labels, split, columns=columns, blank=blank, end=end)
    assert_same(read(tmp_path, content), images, labels, split)


SMALL = csv_bytes(*faces(3, seed=5))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, len(SMALL) - 1), byte=st.integers(0, 255))
def test_one_corrupted_byte_gives_a_legal_result_or_a_clear_error(tmp_path, position, byte):
    content = bytearray(SMALL)
    content[position] = byte
    try:
        table = read(tmp_path, bytes(content))
    except IngestError:
        return
    assert len(table.images) == len(table.labels) == len(table.split) == 3
    assert table.labels.max() <= 6
    assert table.split.max() <= 2
    assert (table.images != faces(3, seed=5)[0]).sum() <= 1
