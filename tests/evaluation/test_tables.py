"""Tables: every figure in its column, in Markdown that is also readable as plain text."""

import pytest

from openfer.evaluation.ensemble import SYSTEMS, display_name
from openfer.evaluation.tables import data_source, markdown, public_table, results_table


def scores(accuracy: float, without: float = 0.5) -> dict:
    ends = {"low": accuracy - 0.01, "high": accuracy + 0.01}
    return {"accuracy": accuracy, **ends, "macro_f1": 0.6543, "without_duplicates": {"accuracy": without}}


PUBLIC = {name: scores(0.1 + index / 100) for index, name in enumerate(SYSTEMS)}
PRIVATE = {name: scores(0.6 + index / 100, without=0.4 + index / 100) for index, name in enumerate(SYSTEMS)}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_all_systems_stand_in_order_under_their_display_names():
    header, rule, *rows = results_table(PUBLIC, PRIVATE).split("\n")
    assert [cells(row)[0] for row in rows] == [display_name(name) for name in SYSTEMS]
    assert {len(cells(line)) for line in (header, rule, *rows)} == {5}


def test_every_figure_stands_in_its_column():
    header, _, first, *_ = results_table(PUBLIC, PRIVATE).split("\n")
    assert cells(header) == ["model", "PublicTest", "PrivateTest [95 % interval]", "without duplicates", "macro-F1"]
    assert cells(first) == ["CNN", "10.00%", "60.00% [59.0%–61.0%]", "40.00%", "0.654"]


def test_figures_of_a_system_stay_together_whatever_the_order_of_the_splits():
    reverse = dict(reversed(PUBLIC.items()))
    assert results_table(reverse, PRIVATE) == results_table(PUBLIC, PRIVATE)


def test_the_table_of_public_test_alone_has_its_interval():
    header, _, first, *_ = public_table(PUBLIC).split("\n")
    assert cells(header) == ["model", "PublicTest [95 % interval]", "without duplicates", "macro-F1"]
    assert cells(first) == ["CNN", "10.00% [9.0%–11.0%]", "50.00%", "0.654"]


def test_a_dash_stands_where_every_image_has_a_duplicate():
    table = public_table({"cnn": scores(0.5) | {"without_duplicates": None}})
    assert cells(table.split("\n")[-1])[2] == "–"


def test_names_are_aligned_to_the_left_and_figures_to_the_right_in_the_text_too():
    assert markdown([["", "faces"], ["angry", "7"], ["x", "1,000"]]).split("\n") == [
        "|       | faces |",
        "| ----- | ----: |",
        "| angry |     7 |",
        "| x     | 1,000 |",
    ]


def test_narrow_columns_have_room_for_the_rule():
    assert markdown([["a", "b"], ["c", "d"]]).split("\n")[1] == "| --- | --: |"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            {"source": "fer2013.csv", "sha256": "5f", "md5": "f8", "recognised_as": "Kaggle's fer2013.csv"},
            "fer2013.csv (MD5 f8), Kaggle's fer2013.csv",
        ),
        (
            {"source": "faces", "sha256": "5f", "md5": None, "recognised_as": None},
            "faces (SHA-256 5f), none of the published files",
        ),
    ],
)
def test_the_source_of_figures_is_named_with_its_checksum_and_what_it_is(data, text):
    assert data_source(data) == text
