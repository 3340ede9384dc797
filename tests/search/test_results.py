"""What a search leaves behind: tables and pictures, however few trials there are, and the command for DVC."""

import subprocess

import matplotlib as mpl
import numpy as np
import optuna
import pytest
from PIL import Image

from openfer import files
from search import results
from search.space import read_space
from tests.imports import ROOT


def study_of(*accuracies: list[float]) -> optuna.Study:
    """A study with a trial for each list of accuracies by epoch; one of fewer than three epochs was ended early."""
    study = optuna.create_study(direction="maximize")
    for epochs in accuracies:
        trial = study.ask()
        trial.suggest_float("train.learning_rate", 0, 1)
        trial.suggest_float("train.momentum", 0, 1)
        for epoch, accuracy in enumerate(epochs, start=1):
            trial.report(accuracy, epoch)
        if len(epochs) == 3:
            study.tell(trial, epochs[-1])
        else:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    return study


@pytest.mark.parametrize(
    ("trials", "names"),
    [
        ([[0.1]], ["epochs.png"]),
        ([[]], ["epochs.png"]),
        ([[0.1, 0.2, 0.3]], ["history.png", "epochs.png"]),
        ([[0.1, 0.2, 0.3]] * 5, ["history.png", "epochs.png"]),
        ([[0.1, 0.2, 0.3 + place / 10] for place in range(5)], ["history.png", "epochs.png", "importances.png"]),
    ],
    ids=["one ended early", "one without an epoch", "one", "all alike", "five"],
)
def test_pictures_are_drawn_of_what_there_is(tmp_path, trials, names):
    pictures = results.save(study_of(*trials), tmp_path)
    assert [picture.name for picture in pictures] == names
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.size == (900, 500)
    rows = files.load_csv(tmp_path / "trials.csv", ["trial", "state", "epochs", "public_accuracy"])
    assert [int(row["epochs"]) for row in rows] == [len(epochs) for epochs in trials]


def test_what_is_drawn_afterwards_has_its_own_style(tmp_path):
    with mpl.rc_context():
        mpl.rcdefaults()
        results.save(study_of([0.1, 0.2, 0.3]), tmp_path)
        assert not mpl.rcParams["axes.grid"], "the style of Optuna's pictures has one"


def test_the_picture_of_the_epochs_shows_every_trial(tmp_path):
    figures = [results._epochs(study_of(*[[0.1, 0.2, 0.3]] * count)) for count in (1, 3)]
    assert [len(figure.axes[0].lines) for figure in figures] == [1, 3]
    assert np.isin("accuracy on PublicTest", [figure.axes[0].get_ylabel() for figure in figures])


def test_where_dvc_refuses_the_params_are_one_command(tmp_path, monkeypatch):
    space, study = read_space(ROOT / "search" / "recipe.yaml"), study_of([0.1, 0.2, 0.3])
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    line = results.experiment(study, space, "recipe")
    rate = study.best_params["train.learning_rate"]
    assert line.startswith("no experiment of DVC (ERROR: ")
    assert "dvc exp run --queue --name recipe-0 " in line
    assert f" -S params.yaml:train.learning_rate={rate} " in line
    assert line.endswith(" train@vgg")
