"""Several trainings side by side: an error of one is told while others still train, and these come to their end."""

import threading

import pytest

from search import several


class Training:
    accuracy = "accuracy"

    def __init__(self, work):
        self.row = work


def test_an_error_is_told_at_once_and_the_training_beside_it_comes_to_its_end(monkeypatch):
    monkeypatch.setattr(several, "room", lambda: 2)
    told, ended = threading.Event(), threading.Event()

    def lasts():
        assert told.wait(20)  # not before the error of the other is here
        ended.set()

    def fails():
        raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        several.write("train@cnn", "seeds", [Training(lasts), Training(fails)], "PublicTest")
    told.set()
    assert ended.wait(20)


def test_rows_are_in_the_order_of_the_trainings_whichever_ends_first(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(several, "room", lambda: 2)
    second = threading.Event()

    def first():
        assert second.wait(20)
        return {"seed": 1, "accuracy": 0.5}

    def other():
        second.set()
        return {"seed": 2, "accuracy": 0.7}

    several.write("train@cnn", "seeds", [Training(first), Training(other)], "PublicTest")
    assert "train@cnn: accuracy on PublicTest 0.6000 ± 0.1414 of 2 seeds" in capsys.readouterr().out
    assert [row["seed"] for row in several.files.load_json(tmp_path / "metrics/seeds/train@cnn.json")["seeds"]] == [
        1,
        2,
    ]
