"""The sheets of the published systems: a panel a system, with the figures of the tables that Git keeps."""

import itertools

import numpy as np
import pytest

from baselines import SYSTEMS, table, title
from baselines.sheets import COLUMNS, confusion_sheet, curves_sheet
from docs import readme
from openfer import files
from openfer.emotions import EMOTIONS
from pipeline import paths
from tests.imports import ROOT


def titles(panels) -> list[str]:
    return [" ".join(axes.get_title().split()) for axes in panels]


def test_no_title_reaches_into_another_panel():
    figure = confusion_sheet(dict.fromkeys(SYSTEMS, np.eye(7)))
    figure.draw_without_rendering()
    boxes = [axes.title.get_window_extent() for axes in figure.axes]
    for left, right in itertools.pairwise(boxes):
        assert left.x1 + 5 < right.x0 or right.x0 < left.x0
    assert max(box.x1 for box in boxes) < figure.bbox.x1


def test_every_network_has_a_panel_with_both_accuracies_of_each_epoch():
    names = ["blog", "shallow", "deep", "vgg_like", "model_a"]
    assert len(names) > COLUMNS
    histories = {
        name: [{"epoch": epoch, "train_accuracy": f"0.{epoch}5", "public_accuracy": 0.3} for epoch in (1, 2)]
        for name in names
    }
    panels = curves_sheet(histories).axes
    assert titles(panels) == [title(name) for name in names]
    for axes in panels:
        training, public = axes.get_lines()
        assert list(training.get_ydata()) == pytest.approx([15, 25])
        assert list(public.get_ydata()) == pytest.approx([30, 30])


def test_every_system_has_a_panel_with_the_shares_of_each_true_emotion():
    counts = np.array([[3, 1], [0, 0]])
    (axes,) = confusion_sheet({"blog": counts}, ("angry", "happy")).axes
    assert [text.get_text() for text in axes.texts] == ["75", "25", "0", "0"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["angry", "happy"]


def test_the_sheets_of_the_readme_show_what_the_tables_show(monkeypatch):
    monkeypatch.chdir(ROOT)
    public, private = table.evaluations()
    curves, confusion = (figure.axes for figure in readme.sheets(public).values())
    shown = [name for name in table.rows() if name in private["systems"]]
    assert titles(confusion) == [title(name) for name in shown]
    assert titles(curves) == [title(name) for name in shown if name in public["trained"]]
    cells = files.load_csv(paths.confusion_path(paths.PRIVATE_BASELINES), ["share"])
    told = {(cell["system"], cell["actual"], cell["predicted"]): float(cell["share"]) for cell in cells}
    for name, axes in zip(shown, confusion, strict=True):
        drawn = iter(axes.texts)
        for actual in EMOTIONS:
            for predicted in EMOTIONS:
                assert abs(float(next(drawn).get_text()) - 100 * told[name, actual, predicted]) <= 0.51
