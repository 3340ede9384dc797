"""The trials of a search, as many side by side as a cluster has room for; without one, one after the other."""

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

import optuna
from optuna.trial import FrozenTrial

from search.study import counted
from search.trial import Trials


def search(
    study: optuna.Study,
    objective: Trials,
    seconds: float | None,
    trials: int | None,
    told: Callable[[optuna.Study, FrozenTrial], None],
    room: int,
) -> None:
    """Search until a limit is reached; trials that run then come to their end.

    Args:
        study: that the trials are kept in.
        objective: trains.
        seconds: after which no trial begins; None for no limit.
        trials: of the whole study, other workers' included, that are to be done; None for no limit.
        told: is called after each trial.
        room: trials at once.

    Raises:
        KeyboardInterrupt: Ctrl-C, which has ended the trials that ran.
        ClusterError: of the first trial of which it is one, which has ended those beside it.
    """
    ends = float("inf") if seconds is None else time.monotonic() + seconds
    left = itertools.repeat(None) if trials is None else itertools.repeat(None, max(0, trials - len(counted(study))))

    def work() -> None:
        for _ in left:  # all threads take from one
            others_did_it = trials is not None and len(counted(study)) >= trials
            if objective.ended or time.monotonic() >= ends or others_did_it:
                return
            study.optimize(objective, n_trials=1, callbacks=[told])

    if room == 1:
        work()
    else:
        _side_by_side(work, room, objective.end)


def _side_by_side(work: Callable[[], None], count: int, end: Callable[[], None]) -> None:
    """Run `work` in some threads until all have come to its end; when one fails, or Ctrl-C comes, `end` ends them."""
    with ThreadPoolExecutor(count) as pool:
        try:
            for done in as_completed([pool.submit(work) for _ in range(count)]):
                done.result()
        except BaseException:
            end()
            raise
