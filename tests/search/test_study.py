"""Studies on the disk: one search each, drawn again the same, refused where they are another's or damaged."""

import multiprocessing

import optuna
import pytest

from search import study as studies
from search.study import Sampler, StudyError, facts_of, folder_of, open_study

FACTS = facts_of({"a": 1}, {"b": 2}, {"c": "3"}, {"d": "4"}, {"e": "5"})


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def drawn(seed: int, count: int) -> list[float]:
    study = optuna.create_study(sampler=Sampler(seed))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=count)
    return [trial.params["x"] for trial in study.trials]


def test_one_worker_draws_the_same_again_and_another_seed_draws_others():
    assert drawn(1, 15) == drawn(1, 15)
    assert drawn(1, 3) != drawn(2, 3)


def test_two_workers_draw_different_values():
    storage = optuna.storages.InMemoryStorage()
    optuna.create_study(study_name="both", storage=storage)
    workers = [optuna.load_study(study_name="both", storage=storage, sampler=Sampler(1)) for _ in range(2)]
    values = [worker.ask().suggest_float("x", 0, 1) for worker in workers * 3]
    assert len(set(values)) == 6


@pytest.mark.parametrize("fact", FACTS)
def test_a_study_of_something_else_is_refused_in_one_line(fact):
    open_study("mine", FACTS, 1, 1)
    with pytest.raises(StudyError, match=rf"\.search/mine holds a study of other {fact}: .*--study") as caught:
        open_study("mine", FACTS | {fact: "other"}, 1, 1)
    assert "\n" not in str(caught.value)
    open_study("mine", FACTS, 1, 1)


@pytest.mark.parametrize("content", [b"no database", b"", b"SQLite format 3\0 and then nothing" * 100])
def test_a_file_that_is_no_study_is_refused_in_one_line_and_left_alone(content):
    path = folder_of("mine") / "study.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(StudyError, match=r"study\.db is no study that can be read .*--study") as caught:
        open_study("mine", FACTS, 1, 1)
    assert "\n" not in str(caught.value)


def _work(results: multiprocessing.Queue) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = open_study("mine", FACTS, 1, 1)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5)
    results.put(True)


def test_four_workers_open_a_study_that_is_not_there_at_once():
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_work, args=(results,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * 4
    trials = open_study("mine", FACTS, 1, 1).trials
    assert [trial.number for trial in trials] == list(range(20))
    assert len({trial.params["x"] for trial in trials}) == 20


def test_what_several_threads_find_dead_is_begun_anew_once():
    given_up = []
    study = open_study("mine", FACTS, 1, 1, given_up.append)
    number = study.ask().number
    on_dead = study._storage.get_heartbeat_stale_trial_callback()
    for _ in range(2):
        on_dead(study, study.trials[number])
    assert [trial.number for trial in given_up] == [number]
    assert [trial.state.name for trial in study.trials] == ["RUNNING", "WAITING"]


def test_a_trial_is_ended_early_only_after_the_first_epochs_and_trials(monkeypatch):
    monkeypatch.setattr(studies, "FIRST_TRIALS", 2)
    study = open_study("mine", FACTS, 1, first_epochs=2)

    def objective(trial: optuna.Trial) -> float:
        for epoch in range(1, 5):
            trial.report(-trial.number, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return -trial.number

    study.optimize(objective, n_trials=3)
    assert [(trial.state.name, trial.last_step) for trial in study.trials] == [
        ("COMPLETE", 4),
        ("COMPLETE", 4),
        ("PRUNED", 2),
    ]
