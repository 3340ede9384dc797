import numpy as np
import pytest

from openfer.data.columns import PIXELS
from openfer.data.regular import parse

ROW = ["7"] * PIXELS
OFFICIAL, ICML = (0, 1, 2), (0, 2, 1)


def line(numbers, label="3", usage="PublicTest"):
    return f"{label},{' '.join(numbers)},{usage}\n".encode()


def changed(at, number):
    return [*ROW[:at], number, *ROW[at + 1 :]]


def test_every_value_is_parsed_beside_every_width():
    for width in ("1", "23", "145"):
        numbers = [text for value in range(256) for text in (str(value), width)]
        numbers += ["0"] * (PIXELS - len(numbers))
        pixels, labels, split = parse(line(ROW, "6", "Training") + line(numbers), OFFICIAL)
        np.testing.assert_array_equal(pixels[1], [int(text) for text in numbers])
        assert (labels.tolist(), split.tolist()) == ([6, 3], [0, 1])


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_every_order_of_columns_and_both_line_ends_are_regular(order, end):
    cells = dict(zip(order, (b"4", " ".join(changed(0, "255")).encode(), b"PrivateTest"), strict=True))
    pixels, labels, split = parse((b",".join(cells[place] for place in range(3)) + end) * 3, order)
    assert pixels[:, :2].tolist() == [[255, 7]] * 3
    assert (labels.tolist(), split.tolist()) == ([4] * 3, [2] * 3)


@pytest.mark.parametrize(
    "number", ["256", "260", "299", "300", "999", "1000", "0001", "-1", "1.", "", "a", "7\t", "7,"]
)
@pytest.mark.parametrize("at", [0, 1, 1000, PIXELS - 1])
def test_an_irregular_number_makes_the_text_irregular(at, number):
    assert parse(line(changed(5, "255")) + line(changed(at, number)), OFFICIAL) is None


@pytest.mark.parametrize(
    ("label", "usage"), [("7", "Training"), ("", "Training"), ("12", "Training"), ("1", "training")]
)
def test_an_irregular_label_or_usage_makes_the_text_irregular(label, usage):
    assert parse(line(ROW) + line(ROW, label, usage), OFFICIAL) is None


@pytest.mark.parametrize(
    "text",
    [
        line([*ROW[:10], "", "1000", *ROW[12:]]),
        line(ROW[1:]) + line([*ROW, "7"]),
        line([*ROW, "7"]) + line(ROW[1:]),
        line(ROW).replace(b"7 7", b"7,7", 1).replace(b",Pub", b" Pub"),
        line(ROW).replace(b"7 7", b"7\n7", 1).replace(b"t\n", b"t "),
        line(ROW).replace(b"3,", b"3 ", 1).replace(b"7 7", b"7,7", 1),
    ],
    ids=["blank for digit", "short then long", "long then short", "comma early", "line feed early", "comma late"],
)
def test_two_faults_do_not_balance_each_other(text):
    assert parse(line(ROW) + text, OFFICIAL) is None


def test_the_official_order_is_not_mistaken_for_the_other():
    assert parse(line(ROW), ICML) is None
