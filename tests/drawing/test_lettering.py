"""Words beside numbers, names that fit, and letters of many languages."""

import hashlib

import pytest

from openfer.drawing.lettering import MORE_LETTERS, NO_LETTER, counted, font, shortened


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


def test_letters_that_the_first_font_lacks_come_from_the_second():
    assert font(18, "Anna 93% · …").getname()[0] == font(18).getname()[0] != font(18, "Müller").getname()[0]
    for letter in "éüßłşñ–ОльгαЖ":
        assert bytes(font(18, letter).getmask(letter)) != bytes(font(18, letter).getmask(NO_LETTER)), letter


def test_the_second_font_is_as_published_and_its_licence_is_beside_it():
    told = MORE_LETTERS.with_name("README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(MORE_LETTERS.read_bytes()).hexdigest() in told
    assert "Bitstream Vera" in MORE_LETTERS.with_name("LICENSE_DEJAVU.txt").read_text(encoding="utf-8")
