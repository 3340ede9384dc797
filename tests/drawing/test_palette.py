"""One palette of seven for every picture of the program."""

from openfer.drawing.palette import COLOURS
from openfer.emotions import EMOTIONS


def test_every_emotion_has_a_colour_of_its_own():
    assert tuple(COLOURS) == EMOTIONS
    assert len(set(COLOURS.values())) == len(EMOTIONS)
