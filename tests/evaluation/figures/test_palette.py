"""The colours can be told apart by people who see no red or no green, and on paper."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from openfer.evaluation.figures.palette import COLOURS
from tests.colours import VISION, seen


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_differ_for_every_kind_of_colour_vision(vision):
    for one, other in itertools.combinations(COLOURS, 2):
        difference = seen(np.array(to_rgb(one)), VISION[vision]) - seen(np.array(to_rgb(other)), VISION[vision])
        assert np.linalg.norm(difference) > 15, (one, other)


def test_every_colour_stands_out_from_white_paper():
    assert all(seen(np.array(to_rgb(colour)), VISION["all cones"])[0] < 75 for colour in COLOURS)
