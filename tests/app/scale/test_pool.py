"""The pool of workers: a piece of a dead worker is never given to one that died with it."""

from collections import deque

import pytest

pytest.importorskip("ray", reason="needs requirements-ray.txt")

from ray.exceptions import RayActorError

from openfer.app.scale import pool
from openfer.app.scale.pool import Piece, Pool


def test_idle_workers_may_have_died_with_the_host_of_one_and_get_nothing(monkeypatch):
    def get(ref):
        raise RayActorError

    killed = []
    monkeypatch.setattr(pool.ray, "get", get)
    monkeypatch.setattr(pool.ray, "kill", killed.append)
    piece, workers = Piece(0, 0, [("one.jpg", "")]), object.__new__(Pool)
    workers.working, workers.idle, workers.waiting = {"ref": ("dead", piece)}, ["other"], deque()
    assert workers._take("ref") is None
    assert killed == ["dead", "other"]
    assert workers.idle == []
    assert [(one.files, one.deaths) for one in workers.waiting] == [(piece.files, 1)]
