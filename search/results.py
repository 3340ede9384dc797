"""What a search found: a table of its trials, pictures, and its best params as an experiment of DVC."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from openfer import files
from search.space import Space
from search.study import counted

ACCURACY = "accuracy on PublicTest"

ENOUGH = 4
"""Whole trials from which on the importance of a leaf is more than a guess of nothing."""


def save(study: optuna.Study, folder: Path) -> list[Path]:
    """Write the table and the pictures; return the pictures."""
    rows = [_row(trial) for trial in study.get_trials(deepcopy=False)]
    names = dict.fromkeys(name for row in rows for name in row)
    files.save_csv(folder / "trials.csv", [{name: row.get(name, "") for name in names} for row in rows])
    whole = [trial.value for trial in counted(study) if trial.state == TrialState.COMPLETE]
    pictures = ({"history.png": _history} if whole else {}) | {"epochs.png": _epochs}
    if len(whole) >= ENOUGH and len(set(whole)) > 1:
        pictures["importances.png"] = _importances
    for name, draw in pictures.items():
        files.save_figure(folder / name, draw(study))
    return [folder / name for name in pictures]


def experiment(study: optuna.Study, space: Space, name: str) -> str:
    """Put the best params into an experiment of DVC that waits to be applied or run; say in one line how that went.

    It takes the place of what the same study has left waiting.
    """
    if waiting := _waiting(name):
        _dvc("exp", "remove", *waiting)
    best = study.best_trial
    title = f"{name}-{best.number}"
    leaves = [f"{space.params}:{key}={value}" for key, value in best.params.items()]
    command = ["exp", "run", "--queue", "--name", title, *(part for leaf in leaves for part in ("-S", leaf))]
    done = _dvc(*command, space.stage)
    if done.returncode:
        why = next((line for line in done.stderr.splitlines() if line.startswith("ERROR")), "it did not say why")
        return f"no experiment of DVC ({why}); the same by hand: dvc {' '.join(command)} {space.stage}"
    return f"`dvc exp apply {title}` takes the best params into the workspace, `dvc queue start` trains with them"


def _waiting(name: str) -> list[str]:
    """Return the experiments of a study that wait in DVC's queue."""
    return re.findall(rf"^\S+ +({re.escape(name)}-\d+) .*\bQueued\b", _dvc("queue", "status").stdout, re.MULTILINE)


def _dvc(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dvc", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _row(trial: FrozenTrial) -> dict[str, Any]:
    accuracies = trial.intermediate_values
    return {
        "trial": trial.number,
        "state": trial.state.name.lower(),
        "public_accuracy": accuracies[max(accuracies)] if trial.value is None and accuracies else trial.value,
        "epochs": len(accuracies),
        **{name: trial.user_attrs.get(name, "") for name in ("seconds", "parameters", "diverged")},
        **trial.params,
    }


def _history(study: optuna.Study) -> Any:
    return _drawn("plot_optimization_history", study, "Trials and the best so far", target_name=ACCURACY)


def _epochs(study: optuna.Study) -> Any:
    figure = _drawn("plot_intermediate_values", study, "Trials, those that were ended early, too")
    (axes,) = figure.axes
    axes.set(xlabel="epoch", ylabel=ACCURACY)
    axes.xaxis.get_major_locator().set_params(integer=True)
    return figure


def _importances(study: optuna.Study) -> Any:
    figure = _drawn("plot_param_importances", study, f"What the {ACCURACY} depends on (fANOVA)")
    (axes,) = figure.axes
    axes.set(xlabel="share of the variance between whole trials", ylabel="")
    return figure


def _drawn(plot: str, study: optuna.Study, title: str, **named: Any) -> Any:
    """Return a figure of Optuna's."""
    import matplotlib as mpl

    mpl.use("Agg")
    from optuna.visualization import matplotlib as plots

    with mpl.rc_context():  # Optuna sets its style for good, also for whatever is drawn afterwards
        axes = getattr(plots, plot)(study, **named)
    axes.set_title("")
    axes.set_title(title, loc="left")
    if axes.get_legend():  # of fifty trials it is a page long
        axes.get_legend().remove()
    axes.figure.set_size_inches(9, 5)
    axes.figure.tight_layout()
    return axes.figure
