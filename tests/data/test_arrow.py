import numpy as np
import pytest

from openfer.data.arrow import parse
from openfer.data.columns import COLUMNS, PIXELS

ROW = ["7"] * PIXELS
ICML = ("emotion", "Usage", "pixels")


def line(numbers, label="3", usage="PublicTest"):
    return f"{label},{' '.join(numbers)},{usage}\n".encode()


def changed(at, number):
    return [*ROW[:at], number, *ROW[at + 1 :]]


def test_every_value_is_parsed_beside_every_width():
    for width in ("1", "23", "145"):
        numbers = [text for value in range(256) for text in (str(value), width)]
        numbers += ["0"] * (PIXELS - len(numbers))
        pixels, labels, split = parse(line(ROW, "6", "Training") + line(numbers), COLUMNS)
        np.testing.assert_array_equal(pixels[1], [int(text) for text in numbers])
        assert (labels.tolist(), split.tolist()) == ([6, 3], [0, 1])


@pytest.mark.parametrize("columns", [COLUMNS, ICML, ("Usage", "pixels", "emotion"), ("pixels", "emotion")])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_every_order_of_columns_and_both_line_ends_are_regular(columns, end):
    cells = {"emotion": b"4", "pixels": " ".join(changed(0, "255")).encode(), "Usage": b"PrivateTest"}
    pixels, labels, split = parse((b",".join(cells[column] for column in columns) + end) * 3, columns)
    assert pixels[:, :2].tolist() == [[255, 7]] * 3
    assert labels.tolist() == [4] * 3
    assert "Usage" not in columns or split.tolist() == [2] * 3
    assert "Usage" in columns or split is None


@pytest.mark.parametrize(
    "number",
    ["256", "299", "1000", "0001", "007", "0x7", "-1", "+7", "1.", "1e1", "", "a", "7\t", "7,", '"7"', "7\x00"],
)
@pytest.mark.parametrize("at", [0, 1000, PIXELS - 1])
def test_a_number_in_another_form_is_left_to_the_slow_way(at, number):
    assert parse(line(changed(5, "255")) + line(changed(at, number)), COLUMNS) is None


@pytest.mark.parametrize(
    ("label", "usage"), [("7", "Training"), ("", "Training"), ("01", "Training"), (" 1", "Training"), ("1", "training")]
)
def test_a_label_or_usage_in_another_form_is_left_to_the_slow_way(label, usage):
    assert parse(line(ROW) + line(ROW, label, usage), COLUMNS) is None


@pytest.mark.parametrize(
    "text",
    [
        line(["007", "007", "1", *ROW[3:]]),
        line(ROW[1:]) + line([*ROW, "7"]),
        line([*ROW, "7"]) + line(ROW[1:]),
        line(ROW).replace(b"7 7", b"7,7", 1).replace(b",Pub", b" Pub"),
        line(ROW).replace(b"7 7", b"7\n7", 1).replace(b"t\n", b"t "),
        line(ROW).replace(b"\n", b"\r") + line(ROW) + b"\n",
        line(ROW).replace(b"\n", b"\r") + line(ROW),
        line(ROW).replace(b"7 7", b"7\xff7", 1),
    ],
    ids=[
        *("longer", "short then long", "long then short", "comma early", "line feed early"),
        *("lone CR and empty line", "lone CR", "no UTF-8"),
    ],
)
def test_two_faults_do_not_balance_each_other(text):
    assert parse(line(ROW) + text, COLUMNS) is None


def test_the_official_order_is_not_mistaken_for_the_other():
    assert parse(line(ROW), ICML) is None
