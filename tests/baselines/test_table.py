"""The tables and the picture of baselines/README.md say what the metrics say."""

import re

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from baselines import ENSEMBLES, HEADS, NETWORKS, SVMS, SYSTEMS, table
from baselines.picture import OURS, THEIRS, gap_figure
from openfer import files
from openfer.errors import Refused
from openfer.evaluation.scores import score
from pipeline import paths
from tests.imports import ROOT

EPOCHS = dict.fromkeys({SYSTEMS[name].network for name in NETWORKS}, 10)


def scores(right: int) -> dict:
    labels = np.arange(200) % 7
    found = score(labels, np.where(np.arange(200) < right, labels, (labels + 1) % 7))
    return found | {"without_duplicates": score(labels[:100], labels[:100])}


@pytest.fixture
def evaluations():
    """Every system a figure of its own, all trained as long as published and all solvers at their end."""
    names = [*SYSTEMS, *ENSEMBLES]
    public = {"systems": {name: scores(60 + place) for place, name in enumerate(names)}}
    public |= {"trained": {name: {"epochs": 10, "best_epoch": 10} for name in NETWORKS}}
    ended = {"values": 136, "support_vectors": 2000, "pairs": 21, "stopped": []}
    public |= {"machines": {name: dict(ended) for name in SVMS}}
    private = {"systems": {name: scores(90 + place) for place, name in enumerate(names)}}
    return public, private | {"protocol": "official FER2013 split"}


def cells(markdown: str) -> dict[str, list[str]]:
    """The cells of each row of a table, by the first one."""
    lines = [line.strip("| ").split("|") for line in markdown.splitlines() if line.startswith("|")]
    return {first.strip(): [cell.strip() for cell in rest] for first, *rest in lines}


def test_every_system_has_its_figures_and_its_authors(evaluations):
    public, private = evaluations
    found = cells(table.results(public, private, EPOCHS))
    for name, system in (SYSTEMS | ENSEMBLES).items():
        _, on_public, on_private, without, macro, theirs, protocol = found[system.title]
        assert on_public == f"{public['systems'][name]['accuracy']:.2%}"
        assert on_private.startswith(f"{private['systems'][name]['accuracy']:.2%} [")
        assert (without, macro) == ("100.00%", f"{private['systems'][name]['macro_f1']:.3f}")
        assert theirs == (f"{system.reported:.2f}%" if system.reported else "–")
        assert protocol == (system.protocol or "–")
    assert len(found) == len(SYSTEMS) + len(ENSEMBLES) + 2  # header and rule


def test_what_has_not_converged_is_marked(evaluations):
    public, private = evaluations
    public["trained"]["reference_vgg"] = {"epochs": 5, "best_epoch": 3}
    public["trained"]["deep"] = {"epochs": 5, "best_epoch": 2}
    public["machines"]["svm-hog"]["stopped"] = ["angry, happy"]
    text = table.results(public, private, EPOCHS)
    shown = {name: found[0] for name, found in cells(text).items()}
    assert shown["VGG (reference project)"] == "5 of 10 †"
    assert shown["deep CNN"] == "5 of 10"
    assert shown["shallow CNN"] == "10"
    assert shown["aggregated VGG"] == "†"  # a member is
    assert shown["aggregated CNN"] == "–"
    assert (shown["SVM, HOG"], shown["SVM, landmarks"]) == ("‡", "–")
    assert "SVM, HOG in 1 of 21" in text


def test_sizes_are_those_that_were_counted_and_minutes_those_that_were_taken(evaluations):
    public, _ = evaluations
    counted = {name: {"parameters": 58_423, "macs": 12_345_678} for name in NETWORKS}
    found = cells(table.sizes(public, counted, {"blog": {"minutes": 2.5, "hardware": "two cores"}}))
    assert found["CNN of the blog (deepface)"] == ["58,423", "12.3 M", "2.5", "–"]
    assert found["SVM, landmarks"][:3] == ["2,000 support vectors", "0.3 M", "–"]
    assert found["shallow CNN"][3] == SYSTEMS["shallow"].remark
    assert "minutes" not in table.sizes(public, counted, None)


def test_minutes_of_several_machines_are_told_apart(evaluations):
    public, _ = evaluations
    took = {"blog": {"minutes": 2.5, "hardware": "two cores"}, "deep": {"minutes": 9.0, "hardware": "a GPU"}}
    text = table.sizes(public, {}, took)
    found = cells(text)
    assert (found["deep CNN"][2], found["CNN of the blog (deepface)"][2]) == ("9.0 a", "2.5 b")
    assert text.endswith("Minutes of training on a: a GPU; b: two cores.")


def test_the_main_readme_shows_the_system_of_each_source_that_public_test_finds_best(evaluations):
    public, private = evaluations
    public["systems"]["shallow"] = scores(199)
    private["systems"]["deep"] = scores(200)  # no reason to show it
    found = cells(table.heads(public, private, EPOCHS))
    assert len(found) == len(HEADS) + 2
    assert "plain CNNs: shallow CNN" in found
    assert set().union(*HEADS.values()) == {*SYSTEMS, *ENSEMBLES}


@pytest.mark.parametrize("short", [(0, 1), (0,), (1,)])
def test_what_has_not_run_on_both_splits_is_counted_and_shown_nowhere(evaluations, short):
    assert "not run" not in table.results(*evaluations, EPOCHS)
    some = list(evaluations)
    for place in short:
        some[place] = {**some[place], "systems": {name: some[place]["systems"][name] for name in SVMS}}
    heads = table.heads(*some, EPOCHS)
    for text in (table.results(*some, EPOCHS), heads):
        assert text.endswith(
            f"{len(SYSTEMS) + len(ENSEMBLES) - len(SVMS)} of {len(SYSTEMS) + len(ENSEMBLES)} have not run yet."
        )
    assert [name.startswith("SVMs: ") for name in cells(heads)][2:] == [True]


def test_the_picture_has_both_figures_of_each_system_and_shows_what_needs_more_epochs(evaluations):
    _, private = evaluations
    (axes,) = gap_figure(private["systems"], {"blog"}).axes
    reported = {name: one for name, one in (SYSTEMS | ENSEMBLES).items() if one.reported is not None}
    places = {label.get_text(): place for label, place in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)}
    assert places.keys() == {one.title for one in reported.values()}
    marks = {(line.get_marker(), *line.get_ydata()): line for line in axes.get_lines() if len(line.get_xdata()) == 1}
    for name, system in reported.items():
        ours, theirs = (marks[kind, places[system.title]] for kind in "oD")
        assert ours.get_xdata()[0] == pytest.approx(100 * private["systems"][name]["accuracy"])
        assert theirs.get_xdata()[0] == system.reported
        assert (to_rgba(ours.get_color()), to_rgba(theirs.get_color())) == (to_rgba(OURS), to_rgba(THEIRS))
        assert (ours.get_markerfacecolor() == "white") is (name == "blog")
    shown = {text.get_text().strip(" :") for text in axes.texts}
    assert shown == {one.protocol for one in reported.values()}


def test_figures_of_other_classes_are_no_rows_of_the_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    labels, names = np.arange(20) % 5, ("angry", "happy", "sad", "surprise", "neutral")
    for folder in (paths.BASELINES, paths.PRIVATE_BASELINES):
        files.save_json(folder / "evaluation.json", {"systems": {"blog": score(labels, labels, names)}})
    with pytest.raises(Refused, match=r"seven classes, metrics/baselines/evaluation\.json about angry, happy, sad"):
        table.parts()


def test_files_and_commands_that_the_readme_names_exist():
    text = (ROOT / "baselines" / "README.md").read_text(encoding="utf-8")
    for path in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / "baselines" / path).exists(), path
    for path in re.findall(r"dvc repro (\S+?)(?::\S+)?(?:\s|`)", text):
        assert (ROOT / path).exists(), path
