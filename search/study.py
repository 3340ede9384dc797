"""The study of a search on the disk: SQLite, which survives kill -9 and takes several workers at once.

A study holds trials of one space, of one data set, of one code; anything else is refused.
"""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
from filelock import FileLock
from optuna.trial import FrozenTrial, TrialState

from openfer import files
from openfer.errors import Refused
from pipeline import paths
from pipeline.fingerprint import short

HEARTBEAT, GRACE = 10, 60
"""Seconds between two signs of life of a trial, and after the last of which its worker is taken for dead."""

RETRIES = 2
"""How often the trial of a dead worker is begun anew: a trial that always ends its worker must not do so for ever."""

WAIT = 60
"""Seconds for which a worker waits for another that is writing."""

FIRST_TRIALS = 5
"""Trials that are never ended early, so that there is something to compare with."""

COUNTED = (TrialState.COMPLETE, TrialState.PRUNED)
"""Trials that are done."""


class StudyError(Refused):
    """A folder holds the study of another search, or none that can be read."""


class Sampler(optuna.samplers.BaseSampler):
    """TPE, seeded anew for each trial by its number: workers draw different values, one alone the same again.

    Threads of a process, of which each has a trial at a time, are workers, too.
    """

    def __init__(self, seed: int) -> None:
        self._seed, self._thread = seed, threading.local()

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, Any]:
        """Begin a trial."""
        self._thread.current = optuna.samplers.TPESampler(seed=self._seed + trial.number)
        return self._current.infer_relative_search_space(study, trial)

    def sample_relative(self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, Any]) -> dict[str, Any]:
        """Return values that are drawn together."""
        return self._current.sample_relative(study, trial, search_space)

    def sample_independent(self, study: optuna.Study, trial: FrozenTrial, name: str, distribution: Any) -> Any:
        """Return a value that is drawn by itself."""
        return self._current.sample_independent(study, trial, name, distribution)

    def after_trial(self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Any) -> None:
        """End a trial."""
        self._current.after_trial(study, trial, state, values)

    @property
    def _current(self) -> optuna.samplers.TPESampler:
        if not hasattr(self._thread, "current"):  # of a trial that is begun anew, nothing is inferred
            self._thread.current = optuna.samplers.TPESampler(seed=self._seed)
        return self._thread.current


def folder_of(name: str) -> Path:
    """Return where a study, its tables and its pictures lie."""
    return paths.project_root() / ".search" / name


def facts_of(
    space: Mapping[str, Any], params: Mapping[str, Any], inputs: Mapping[str, str], code: Any, software: Any
) -> dict[str, str]:
    """Return what the trials of a study have in common, each as a fingerprint.

    Args:
        space: the search.
        params: of the training by dotted name, without what is searched.
        inputs: a digest of each file that the training reads.
        code: of the training.
        software: that it runs on.
    """
    return {
        "space": short(space),
        "params": short(params),
        "data": short(inputs),
        "code": short(code),
        "libraries": short(software),
    }


def open_study(
    name: str,
    facts: Mapping[str, str],
    seed: int,
    first_epochs: int,
    given_up: Callable[[FrozenTrial], None] = lambda trial: None,
) -> optuna.Study:
    """Open a study, or make it.

    Args:
        name: of its folder.
        facts: as `facts_of` returns them.
        seed: of the sampler.
        first_epochs: in which no trial is ended early.
        given_up: is told of a trial whose worker has died, before that trial is begun anew.

    Raises:
        StudyError: there is one already, of another search, or a file that is none.
    """
    path = folder_of(name) / "study.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name("study.lock"), timeout=WAIT):
        _create(path)
        try:
            storage = optuna.storages.RDBStorage(
                _address(path),
                engine_kwargs={"connect_args": {"timeout": WAIT}},
                heartbeat_interval=HEARTBEAT,
                grace_period=GRACE,
                heartbeat_stale_trial_callback=_once(given_up),
            )
            study = optuna.load_study(
                study_name=None,
                storage=storage,
                sampler=Sampler(seed),
                pruner=optuna.pruners.MedianPruner(n_startup_trials=FIRST_TRIALS, n_warmup_steps=first_epochs),
            )
        except (sqlalchemy.exc.SQLAlchemyError, RuntimeError, ValueError, KeyError) as error:
            raise StudyError(
                f"{path} is no study that can be read ({next(iter(str(error).splitlines()), '')[:120]}): move it away, "
                "or name another study with --study"
            ) from None
        _require_same(study, facts, name)
    return study


def _once(given_up: Callable[[FrozenTrial], None]) -> Callable[[optuna.Study, FrozenTrial], None]:
    """Return what tells of a dead trial and begins it anew, once: threads that begin trials find the same dead ones."""
    again = optuna.storages.RetryHeartbeatStaleTrialCallback(max_retry=RETRIES)
    known, begun = threading.Lock(), set()

    def on_dead(study: optuna.Study, trial: FrozenTrial) -> None:
        with known:
            if trial.number in begun:
                return
            begun.add(trial.number)
        given_up(trial)
        again(study, trial)

    return on_dead


def _create(path: Path) -> None:
    """Make an empty study, whole or not at all: whoever is killed leaves none that is half made."""
    if path.exists():
        return
    with files.replacing(path) as temporary:
        storage = optuna.storages.RDBStorage(_address(temporary))
        optuna.create_study(study_name="search", storage=storage, direction="maximize")
        storage.engine.dispose()


def _address(path: Path) -> str:
    return f"sqlite:///{path.resolve()}"


def _require_same(study: optuna.Study, facts: Mapping[str, str], name: str) -> None:
    held = study.user_attrs.get("facts")
    if held is None and not study.get_trials(deepcopy=False):
        study.set_user_attr("facts", dict(facts))
    elif held != facts:
        other = [key for key in facts if not isinstance(held, dict) or held.get(key) != facts[key]]
        raise StudyError(
            f"{folder_of(name)} holds a study of other {' and '.join(other)}: its trials cannot be compared with new "
            f"ones. Name another with --study, or delete that folder"
        )


def counted(study: optuna.Study) -> list[FrozenTrial]:
    """Return the trials that are done."""
    return study.get_trials(deepcopy=False, states=COUNTED)
