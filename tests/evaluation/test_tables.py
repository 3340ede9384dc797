"""The table of results: a row for each of the thirteen systems, every figure in its column."""

import pytest

from openfer.emotions import SPLITS
from openfer.evaluation.ensemble import ENSEMBLES, MODELS, display_name
from openfer.evaluation.tables import results_table


def scores(accuracy: float, without: float = 0.5) -> dict:
    ends = {"low": accuracy - 0.01, "high": accuracy + 0.01}
    return {"accuracy": accuracy, **ends, "macro_f1": 0.6543, "without_twins": {"accuracy": without}}


@pytest.fixture
def evaluation():
    names = (*MODELS, *ENSEMBLES)
    public = {name: scores(0.1 + index / 100) for index, name in enumerate(names)}
    private = {name: scores(0.6 + index / 100, without=0.4 + index / 100) for index, name in enumerate(names)}
    return {"protocol": "official FER2013 split", SPLITS[1]: public, SPLITS[2]: private}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_thirteen_systems_stand_in_order_under_their_display_names(evaluation):
    header, rule, *rows = results_table(evaluation).split("\n")
    assert [cells(row)[0] for row in rows] == [display_name(name) for name in (*MODELS, *ENSEMBLES)]
    assert len(rows) == 13
    assert {len(cells(line)) for line in (header, rule, *rows)} == {5}


def test_every_figure_stands_in_its_column(evaluation):
    header, _, first, *_ = results_table(evaluation).split("\n")
    assert cells(header) == ["model", "PublicTest", "PrivateTest [95 % interval]", "without twins", "macro-F1"]
    assert cells(first) == ["CNN", "10.00%", "60.00% [59.0%–61.0%]", "40.00%", "0.654"]


def test_figures_of_a_system_stay_together_whatever_the_order_of_the_splits(evaluation):
    reverse = dict(reversed(evaluation["PublicTest"].items()))
    assert results_table(evaluation | {"PublicTest": reverse}) == results_table(evaluation)


def test_the_second_line_makes_it_a_markdown_table(evaluation):
    rule = results_table(evaluation).split("\n")[1]
    assert set(rule) == set("|-:")
