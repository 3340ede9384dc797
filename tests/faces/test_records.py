"""A face for JSON and for tables, alike from the program and from a recognizer."""

import numpy as np
import pytest

from openfer.api.results import RecognizedFace
from openfer.app.records import record as of_the_program
from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression
from openfer.faces.records import columns, error_cell, file_cell, record, row

EXPRESSION = Expression(Face((1.04, 2, 3, 4), 0.98765, np.array([(1.15, 2.0), (2.5, 2.0)])), np.full(7, 1 / 7), 0.5, 50)


def test_the_program_and_a_recognizer_write_the_same_face():
    assert of_the_program(EXPRESSION) == record(EXPRESSION)
    assert RecognizedFace(EXPRESSION, "crowd").to_dict() == record(EXPRESSION) | {"label_set": "crowd"}


def test_a_row_has_the_columns_in_their_order():
    assert tuple(row(record(EXPRESSION))) == columns()


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_path_that_begins_as_a_formula_becomes_the_same_path_that_does_not(sign):
    assert file_cell(f"{sign}1.jpg") == f"./{sign}1.jpg"
    assert file_cell("1.jpg") == "1.jpg"


def test_an_error_does_not_name_the_file_a_second_time():
    assert error_cell("a.jpg", "a.jpg: damaged") == "damaged"
    assert error_cell("a.jpg", "") is None
