"""The pool of workers without a cluster: whose fault an end was, and which host gets nothing more."""

from collections import Counter, deque
from dataclasses import dataclass, field

import pytest

pytest.importorskip("ray", reason="needs requirements-ray.txt")

from ray.exceptions import ActorDiedError, ActorUnavailableError, RayTaskError

from openfer.app.scale import pool
from openfer.app.scale.places import UnreachableError
from openfer.app.scale.pool import DEATHS, FAILED_STARTS, LOST, Hand, NoWorker, Piece, Pool

DIED, GONE = ActorDiedError(), ActorUnavailableError("no answer", None)


@dataclass
class FakeRay:
    """Stands for Ray: two hosts, what references hold, who was ended."""

    held: dict = field(default_factory=dict)
    killed: list = field(default_factory=list)
    hosts: dict = field(default_factory=lambda: {"one": 4, "two": 4, "head": 0})

    def get(self, ref):
        if isinstance(held := self.held[ref], Exception):
            raise held
        return held

    def kill(self, actor):
        self.killed.append(actor)

    def nodes(self):
        return [{"NodeID": name, "Alive": True, "Resources": {"CPU": cores}} for name, cores in self.hosts.items()]


@pytest.fixture
def ray(monkeypatch):
    stub = FakeRay()
    monkeypatch.setattr(pool, "ray", stub)
    return stub


@pytest.fixture
def workers(ray):
    """A pool in which "a" on host one has a piece and "b" on host one and "c" on host two have none."""
    made = object.__new__(Pool)
    made.working = {"ref": (Hand("a", "one"), Piece(0, 0, [("one.jpg", "")]))}
    made.idle, made.waiting, made.starting = [Hand("b", "one"), Hand("c", "two")], deque(), {}
    made.failed, made.left_out, made.workers, made.columns = Counter(), {}, 9, ("file", "error")
    return made


def test_a_worker_that_dies_alone_costs_its_piece_a_death_and_no_other_worker(ray, workers):
    ray.held["ref"] = DIED
    assert workers._take("ref") is None
    assert ray.killed == ["a"]
    assert [hand.actor for hand in workers.idle] == ["b", "c"]
    assert [(piece.deaths, piece.lost) for piece in workers.waiting] == [(1, 0)]


@pytest.mark.parametrize("error", [GONE, DIED])
def test_a_host_that_is_lost_is_no_fault_of_the_piece_and_its_idle_workers_get_nothing(ray, workers, error):
    ray.held["ref"] = error
    if error is DIED:  # its host is known to be gone by then
        del ray.hosts["one"]
    assert workers._take("ref") is None
    assert ray.killed == ["a", "b"]
    assert [hand.actor for hand in workers.idle] == ["c"]
    assert [(piece.deaths, piece.lost) for piece in workers.waiting] == [(0, 1)]


def test_what_ends_one_host_after_the_other_is_given_up(ray, workers):
    ray.held["ref"] = GONE
    workers.working["ref"] = Hand("a", "one"), Piece(0, 0, [("one.jpg", "")], deaths=DEATHS - 1, lost=LOST)
    _, table = workers._take("ref")
    assert table["error"][0].as_py().startswith(f"{DEATHS} workers died of it")


def test_a_host_that_cannot_reach_a_file_is_left_out_and_another_reads_it(ray, workers, capsys):
    ray.held["ref"] = RayTaskError("read", "", UnreachableError("one.jpg cannot be reached: Stale file handle"))
    assert workers._take("ref") is None
    assert [hand.actor for hand in workers.idle] == ["c"]
    assert [(piece.deaths, piece.lost) for piece in workers.waiting] == [(0, 0)]
    assert capsys.readouterr().err == "a host is left out: one.jpg cannot be reached: Stale file handle\n"


def test_where_no_host_can_reach_it_the_run_ends_with_the_reason_and_no_row(ray, workers):
    workers.left_out["two"] = "the same"
    ray.held["ref"] = RayTaskError("read", "", UnreachableError("one.jpg cannot be reached: no space left"))
    with pytest.raises(NoWorker, match=r"^one\.jpg cannot be reached: no space left$"):
        workers._take("ref")


def test_a_worker_that_becomes_free_on_a_host_that_is_left_out_is_ended(ray, workers):
    ray.held["ref"], workers.left_out["one"] = "rows", "it sees nothing"
    assert workers._take("ref")[1] == "rows"
    assert ray.killed == ["a"]
    assert "a" not in [hand.actor for hand in workers.idle]


def test_a_host_whose_workers_see_nothing_is_told_once_and_the_others_go_on(ray, workers, capsys):
    for ref in ("first", "second"):
        workers.starting[ref], ray.held[ref] = Hand(ref, "home"), "10.0.0.2 does not see /photos"
    ray.held["home"] = "two"
    workers._greet("first")
    workers._greet("second")
    assert ray.killed == ["c", "first", "second"]
    assert capsys.readouterr().err == "a host is left out: 10.0.0.2 does not see /photos\n"
    assert [hand.actor for hand in workers.idle] == ["b"]


@pytest.mark.parametrize(("home", "left"), [("two", 9), (DIED, 3)])
def test_where_workers_do_not_start_none_is_hired_any_more_and_those_that_work_go_on(ray, workers, home, left):
    for number in range(FAILED_STARTS):
        workers.starting[number], ray.held[number], ray.held["home"] = Hand("new", "home"), DIED, home
        workers._greet(number)
    assert workers.workers == left
    assert set(workers.left_out) == ({home} if home == "two" else set())
    assert "ref" in workers.working


def test_where_no_worker_starts_the_run_ends_with_the_reason(ray, workers):
    workers.working, workers.idle = {}, []
    workers.starting = {number: Hand("new", "home") for number in range(FAILED_STARTS)}
    ray.held = dict.fromkeys([*workers.starting, "home"], DIED)
    with pytest.raises(NoWorker, match="workers do not start: The actor died"):
        for number in range(FAILED_STARTS):
            workers._greet(number)


def test_what_waits_of_a_forgotten_film_is_not_done(workers):
    workers.waiting.extend(Piece(part, start, [("film", "")]) for part in (0, 1) for start in (0, 1, 0))
    workers.forget(Piece(1, 0, []))
    assert [(one.part, one.start) for one in workers.waiting] == [(0, 0), (0, 1), (0, 0), (1, 1)]
