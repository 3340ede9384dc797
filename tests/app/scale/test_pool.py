"""The pool of workers without a cluster: whose fault an end was, and which host gets nothing more."""

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from unittest.mock import Mock

import pytest

pytest.importorskip("ray", reason="needs requirements-ray.txt")

from ray.exceptions import ActorDiedError, ActorUnavailableError, OutOfDiskError, RayTaskError

from openfer.app.scale import pool
from openfer.app.scale.places import UnreachableError
from openfer.app.scale.pool import DEADLINE, DEATHS, FAILED_STARTS, LOST, Hand, NoWorker, Piece, Pool

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
        named = {"NodeManagerHostname": "host", "Alive": True}
        return [
            named | {"NodeID": name, "NodeManagerAddress": name, "Resources": {"CPU": cores}}
            for name, cores in self.hosts.items()
        ]


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
    made.failed, made.closed, made.left_out, made.workers, made.seen = Counter(), {}, set(), 9, time.monotonic()
    made.columns, made.unstarted = ("file", "error"), ""
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
    assert capsys.readouterr().err == "host (one): left out: one.jpg cannot be reached: Stale file handle\n"


def test_where_no_host_can_reach_it_the_run_ends_with_the_reasons_and_no_row(ray, workers):
    workers._leave_out("two", "the same")
    ray.held["ref"] = RayTaskError("read", "", UnreachableError("one.jpg cannot be reached: no space left"))
    assert workers._take("ref") is None
    with pytest.raises(
        NoWorker, match=r"^host \(two\): the same; host \(one\): one\.jpg cannot be reached: no space left$"
    ):
        workers._give_up()


def test_a_result_for_which_there_is_no_room_is_no_fault_of_the_piece(ray, workers):
    ray.held["ref"] = RayTaskError("read", "", OutOfDiskError("full"))
    assert workers._take("ref") is None
    assert [(piece.deaths, piece.lost) for piece in workers.waiting] == [(0, 0)]


def test_a_worker_that_becomes_free_on_a_host_that_is_left_out_is_ended(ray, workers):
    ray.held["ref"] = "rows"
    workers._leave_out("one", "it sees nothing")
    assert workers._take("ref")[1] == "rows"
    assert ray.killed == ["b", "a"]
    assert [hand.actor for hand in workers.idle] == ["c"]


def test_a_host_whose_workers_see_nothing_is_told_once_and_the_others_go_on(ray, workers, capsys):
    for ref in ("first", "second"):
        workers.starting[ref], ray.held[ref] = (ref, "home"), "it does not see /photos"
    ray.held["home"] = "two"
    workers._greet("first")
    workers._greet("second")
    assert ray.killed == ["c", "first", "second"]
    assert capsys.readouterr().err == "host (two): left out: it does not see /photos\n"
    assert [hand.actor for hand in workers.idle] == ["b"]


def begin_and_die(ray, workers, home, count=FAILED_STARTS):
    ray.held |= dict.fromkeys(range(count), DIED) | {"home": home}
    for number in range(count):
        workers.starting[number] = "new", "home"
        workers._greet(number)


def test_a_host_on_which_no_worker_starts_is_left_out(ray, workers, capsys):
    workers.idle = []
    begin_and_die(ray, workers, "two")
    assert workers.left_out == {"two"}
    assert capsys.readouterr().err.startswith("host (two): left out: workers do not start: The actor died")


def test_a_host_that_has_room_for_a_few_keeps_them(ray, workers, capsys):
    begin_and_die(ray, workers, "one", FAILED_STARTS + 1)
    assert (workers.left_out, set(workers.closed)) == (set(), {"one"})
    assert [hand.actor for hand in workers.idle] == ["b", "c"]
    told = capsys.readouterr().err
    assert told.startswith("host (one): no more workers are started: workers do not start")
    assert told.count("\n") == 1


def test_failures_are_counted_in_a_row(ray, workers):
    begin_and_die(ray, workers, "one", FAILED_STARTS - 1)
    ray.held["well"], workers.starting["well"] = "", ("new", "home")
    workers._greet("well")
    begin_and_die(ray, workers, "one", FAILED_STARTS - 1)
    assert not workers.closed


def test_where_workers_die_before_they_say_where_those_that_are_there_go_on_and_the_last_failure_ends_the_run(
    ray, workers
):
    begin_and_die(ray, workers, DIED)
    assert workers.workers == 3
    workers._give_up()
    workers.working, workers.idle, workers.starting = {}, [], {"slow": ("slow", "home")}
    workers._give_up()  # it may be well
    workers.starting = {}
    with pytest.raises(NoWorker, match=r"^workers do not start: The actor died"):
        workers._give_up()


def test_who_dies_before_it_says_where_is_replaced_by_nobody_and_closes_no_host(ray, workers, monkeypatch, capsys):
    begin_and_die(ray, workers, DIED)
    workers.idle.pop()
    hired = []
    monkeypatch.setattr(workers, "_actor", lambda **where: hired.append(where) or Mock())
    workers.waiting.append(Piece(0, 1, [("two.jpg", "")]))
    workers._hire()
    assert hired == [{}]
    workers.starting = {}
    begin_and_die(ray, workers, DIED, 1)
    assert workers.workers == workers._there() == 2
    assert capsys.readouterr().err.count("no more workers are started") == 1


def test_a_run_ends_that_has_had_no_worker_for_a_minute(workers, monkeypatch):
    workers.working, workers.idle, workers.starting = {}, [], {"slow": ("slow", "home")}
    monkeypatch.setattr(pool.time, "monotonic", lambda: workers.seen + DEADLINE + 1)
    with pytest.raises(NoWorker, match="no worker for 60 s: the cluster has no free core"):
        workers._give_up()


def test_halves_of_what_has_lost_hosts_have_lost_them_too():
    halves = Piece(3, 8, ["a", "b", "c"], deaths=DEATHS, lost=LOST, task="task").halves()
    assert halves == [Piece(3, 8, ["a"], 1, LOST, "task"), Piece(3, 9, ["b", "c"], 1, LOST, "task")]


def test_what_waits_of_a_forgotten_film_is_not_done(workers):
    workers.waiting.extend(Piece(part, start, [("film", "")]) for part in (0, 1) for start in (0, 1, 0))
    workers.forget(Piece(1, 0, []))
    assert [(one.part, one.start) for one in workers.waiting] == [(0, 0), (0, 1), (0, 0), (1, 1)]
