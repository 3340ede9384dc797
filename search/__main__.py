"""Search: `python -m search search/recipe.yaml --hours 2`; Ctrl-C ends it, the same command goes on with it.

Several workers search together when the command is started several times. Where RAY_ADDRESS names a cluster, its hosts
train, as many trials side by side as they have room for (docs/cluster.md).
"""

import argparse
import functools
import logging
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

try:
    import optuna
except ImportError:
    sys.exit("search: Optuna is not installed: `make search` brings it, or pip install -r requirements-search.txt")
from optuna.trial import FrozenTrial

from openfer.errors import INTERRUPTED, Refused
from pipeline import paths, tracking
from pipeline.cluster.connection import room
from pipeline.tracking import LiveRun
from search import results
from search.space import read_space
from search.study import counted, folder_of, open_study
from search.trial import Trials
from search.workers import search


def main(path: Path, hours: float | None, trials: int | None, name: str) -> int:
    """Search until a limit is reached, then write what was found; return the exit code.

    Args:
        path: of the search, such as search/recipe.yaml.
        hours: after which no trial begins; None for no limit.
        trials: of the whole study that are to be done; None for no limit.
        name: of the study.
    """
    space = read_space(path)
    objective = Trials(name, space)
    first = max(1, objective.epochs // 3)
    study = open_study(name, objective.facts, space.seed, first, functools.partial(_give_up, objective))
    root, fixed = paths.project_root(), {"space": path, "stage": space.stage, **space.set}
    code = 0
    with tracking.live_run(root, f"search {name}", objective.key, fixed, {"study": name}, is_search=True) as run:
        told = functools.partial(_tell, Clock(study, hours, trials), run)
        try:
            search(study, objective, None if hours is None else hours * 3600, trials, told, room())
        except KeyboardInterrupt:
            print("\nStopped; the same command goes on with the search.")
            code = INTERRUPTED
        run.finish([], _conclude(study, space, name))
    return code


class Clock:
    """How long a search still takes."""

    def __init__(self, study: optuna.Study, hours: float | None, trials: int | None) -> None:
        self._started, self._before = time.monotonic(), len(counted(study))
        self._hours, self._trials = hours, trials

    def left(self, done: int) -> str:
        """Say it, for the number of trials that are done; other workers' trials count, too."""
        passed, left = time.monotonic() - self._started, []
        if self._hours is not None:
            left.append(self._hours * 3600 - passed)
        if self._trials and done > self._before:
            left.append(passed / (done - self._before) * (self._trials - done))
        return f"{max(0, min(left)) / 60:.0f} min left" if left else "no limit, Ctrl-C ends it"


def _tell(clock: Clock, run: LiveRun, study: optuna.Study, trial: FrozenTrial) -> None:
    """Print a line on a trial that has ended, and record it in the run of the search."""
    done = counted(study)
    whole = [one for one in done if one.value is not None and one.state != optuna.trial.TrialState.PRUNED]
    best = max(whole, key=lambda one: one.value, default=None)
    reached = list(trial.intermediate_values.values())
    figure = f"{trial.value if trial.value is not None else reached[-1]:.4f}" if reached else "no epoch"
    text = f"trial {trial.number} {trial.state.name.lower()}: {figure} after {len(reached)} epochs"
    if trial.duration:
        text += f" in {trial.duration.total_seconds():.0f} s"
    if best:
        text += f"; best {best.value:.4f} in trial {best.number}"
        run.epoch({"epoch": trial.number, "best_public_accuracy": best.value})
    print(f"{text}; {len(done)} done, {clock.left(len(done))}", flush=True)


def _give_up(objective: Trials, trial: FrozenTrial) -> None:
    """Say that the worker of a trial has died, and end its run."""
    print(f"trial {trial.number} has lost its worker and is begun anew", flush=True)
    with objective.run(trial.number, trial.params):
        pass  # left without `finish`, a run ends as failed


def _conclude(study: optuna.Study, space: object, name: str) -> list[Path]:
    """Write and print what was found; return the pictures."""
    folder = folder_of(name)
    pictures = results.save(study, folder) if study.get_trials(deepcopy=False) else []
    for picture in pictures:
        print(f"picture: {picture}")
    if any(trial.state == optuna.trial.TrialState.COMPLETE for trial in counted(study)):
        best = study.best_trial
        print(f"best on PublicTest: {best.value:.4f} in trial {best.number} of {folder / 'trials.csv'}")
        for key, value in best.params.items():
            print(f"  {key}: {value:.4g}" if isinstance(value, float) else f"  {key}: {value}")
        print(results.experiment(study, space, name))
    return pictures


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = kind(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"must be above 0. Received: {text}")
        return value

    return read


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m search", description=__doc__)
    parser.add_argument("space", type=Path, help="the search: search/recipe.yaml, search/architecture.yaml or your own")
    parser.add_argument("--hours", type=_positive(float), help="after which no trial begins")
    parser.add_argument("--trials", type=_positive(int), help="of the whole study, those done before included")
    parser.add_argument("--study", help="name of the study; else that of the file")
    given = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # heartbeats and pictures
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        sys.exit(main(given.space, given.hours, given.trials, given.study or given.space.stem))
    except (Refused, OSError) as error:
        sys.exit(f"search: {error}")
