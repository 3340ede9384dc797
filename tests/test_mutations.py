"""The table of mutations does not rot: each edit finds its place, and each test that is to catch it is there."""

import re

import pytest

from tests.imports import ROOT
from tests.mutations import MUTATIONS, made, main


@pytest.mark.parametrize("one", MUTATIONS, ids=lambda one: one.promise)
def test_what_a_mutation_replaces_stands_there_once(one):
    assert (ROOT / one.file).read_text(encoding="utf-8").count(one.old) == 1
    assert one.old != one.new


@pytest.mark.parametrize("one", MUTATIONS, ids=lambda one: one.promise)
def test_the_tests_that_must_catch_a_mutation_are_there(one):
    for test in one.tests:
        path, _, name = test.partition("::")
        found = re.findall(r"^def (test_\w+)", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
        assert name in found if name else found


def test_every_promise_stands_once_in_the_table():
    assert len({one.promise for one in MUTATIONS}) == len(MUTATIONS)


def test_a_mutation_is_undone(tmp_path):
    one = MUTATIONS[0]
    (tmp_path / one.file).parent.mkdir(parents=True)
    content = (ROOT / one.file).read_text(encoding="utf-8")
    (tmp_path / one.file).write_text(content, encoding="utf-8")
    with made(one, tmp_path):
        assert (tmp_path / one.file).read_text(encoding="utf-8") == content.replace(one.old, one.new)
    assert (tmp_path / one.file).read_text(encoding="utf-8") == content


def test_a_word_of_no_promise_is_an_error(capsys, monkeypatch):
    monkeypatch.setattr("tests.mutations.copy_of_the_project", lambda folder: folder)
    assert main(["no such promise"]) == 1
    assert "no promise has such a word" in capsys.readouterr().out
