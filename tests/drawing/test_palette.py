"""One palette of seven for every picture of the program, told apart by everybody, on light and on dark pages."""

import itertools

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000

from openfer.drawing.palette import COLOURS, INK, PAPER, colours, contrast, text_on
from openfer.emotions import EMOTIONS
from tests.colours import VISION, WHOLLY, seen


def test_every_emotion_has_a_colour_of_its_own():
    assert tuple(COLOURS) == EMOTIONS


@pytest.mark.parametrize("vision", [*VISION, *WHOLLY])
def test_any_two_colours_differ_by_a_ciede2000_of_12_for_every_kind_of_colour_vision(vision):
    places = {name: seen(np.array(colour) / 255, (VISION | WHOLLY)[vision]) for name, colour in COLOURS.items()}
    for one, other in itertools.combinations(places, 2):
        assert deltaE_ciede2000(places[one], places[other]) >= 12, (one, other)


def test_contrast_is_that_of_wcag():
    assert contrast((255, 255, 255), (0, 0, 0)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("page", [(255, 255, 255), (17, 24, 39)], ids=["light", "dark"])
def test_every_colour_is_seen_on_a_page(page):
    """3 is what WCAG 2.2 wants of a bar or a line."""
    assert min(contrast(colour, page) for colour in COLOURS.values()) >= 2.99


def test_text_on_every_colour_is_read():
    """4.5 is what WCAG 2.2 wants of text."""
    assert {text_on(colour) for colour in COLOURS.values()} == {INK, PAPER}
    assert min(contrast(colour, text_on(colour)) for colour in COLOURS.values()) >= 4.5


def test_models_of_other_classes_keep_the_colours_that_are_known_and_share_out_the_rest():
    assert colours(("sad", "happy")) == {"sad": COLOURS["sad"], "happy": COLOURS["happy"]}
    groups = colours(("positive", "neutral", "negative"))
    assert groups == {name: COLOURS[one] for name, one in zip(groups, ("happy", "neutral", "angry"), strict=True)}
    own = colours(("bored", "angry", "in love"))
    assert len(set(own.values())) == 3
    assert own["angry"] == COLOURS["angry"]
    assert len(colours(tuple(map(str, range(9))))) == 9
