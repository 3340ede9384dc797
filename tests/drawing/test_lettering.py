"""Words beside numbers, and names that fit."""

import pytest

from openfer.drawing.lettering import counted, font, shortened


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (counted(1, "face"), "1 face"),
        (counted(0, "face"), "0 faces"),
        (counted(1200, "frame"), "1,200 frames"),
        (counted(1, "person", "people"), "1 person"),
        (counted(2, "person", "people"), "2 people"),
    ],
)
def test_a_number_has_its_word_in_the_singular_for_one_alone(said, expected):
    assert said == expected


def test_a_name_loses_its_middle_until_it_fits():
    name = "a very long name of a picture.jpg"
    short = shortened(name, 11, 100)
    assert font(11).getlength(short) <= 100
    assert (short[0], short[-3:]) == ("a", "jpg") and "…" in short
    assert shortened("a.jpg", 11, 100) == "a.jpg"
