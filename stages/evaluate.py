"""Evaluate models and their ensembles on a split: probabilities, labels → figures, predictions, pictures.

    python -m stages.evaluate
    python -m stages.evaluate cnn vgg

Without names, all models. PublicTest alone; report/evaluate.py does the same for PrivateTest with what was fitted
here.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from openfer import files
from openfer.emotions import EMOTIONS, PUBLIC_TEST, SPLITS
from openfer.evaluation.confusion import confusion_counts, confusion_rows
from openfer.evaluation.ensemble import MODELS, SYSTEMS, display_name, members, systems
from openfer.evaluation.evaluation import Evaluation
from openfer.evaluation.figures.confusion import confusion_figure
from openfer.evaluation.figures.learning_curves import learning_curves
from openfer.evaluation.figures.mistakes import mistakes_figure
from openfer.evaluation.figures.reliability import reliability_figure
from openfer.evaluation.protocol import has_duplicate, protocol
from openfer.prediction import probabilities
from pipeline import arrays, paths, versions
from stages import run_for_names

HISTORY = ("epoch", "train_accuracy", "public_accuracy")
"""Columns of a history that are drawn."""


def main(models: Sequence[str] = tuple(MODELS)) -> None:
    """Evaluate PublicTest, and write what experiments are compared by.

    Args:
        models: names; their ensembles are those of which all members are among them.
    """
    versions.require(["numpy", "scikit-learn", "scipy"])
    images, labels, split = arrays.faces()
    classes = arrays.emotions()
    evaluation = evaluation_of(PUBLIC_TEST, paths.METRICS, images, labels, split, models, tuple(classes))
    histories = {model: files.load_csv(paths.history_path(model), HISTORY) for model in models}
    scores = evaluation.scores(evaluation.temperatures())
    report = files.load_json(paths.DATA_REPORT)
    facts = {"protocol": protocol(labels, split, classes), "split": SPLITS[PUBLIC_TEST]}
    facts |= {"data": {key: report[key] for key in ("source", "sha256", "md5", "recognised_as")}}
    facts |= {"epochs": {model: len(rows) for model, rows in histories.items()}}
    save(paths.METRICS, evaluation, facts | {"systems": scores})
    draw(paths.METRICS, evaluation, scores, images)
    files.save_figure(paths.figures_folder(paths.METRICS) / "learning_curves.png", learning_curves(histories))
    accuracies = {name: round(values["accuracy"], 4) for name, values in scores.items()}
    files.save_json(paths.SUMMARY, {"public_accuracy": accuracies})
    for name, accuracy in accuracies.items():
        print(f"{display_name(name):16} accuracy on {SPLITS[PUBLIC_TEST]} {accuracy:.4f}")


def evaluation_of(
    code: int,
    folder: Path,
    images: np.ndarray,
    labels: np.ndarray,
    split: np.ndarray,
    models: Sequence[str] = tuple(MODELS),
    emotions: Sequence[str] = EMOTIONS,
) -> Evaluation:
    """Take one split and what was predicted for it.

    Args:
        code: of the split.
        folder: METRICS or PRIVATE_TEST of pipeline/paths.py.
        images: (n, 48, 48) of all faces.
        labels: (n,) of all faces.
        split: (n,) codes of all faces.
        models: names of those that predicted it.
        emotions: what they tell apart, in the order of the codes.
    """
    rows = np.flatnonzero(split == code)
    tables = predicted(folder, models, rows, emotions)
    names = [system for system in SYSTEMS if set(members(system)) <= set(models)]
    averaged = systems({model: table.averaged for model, table in tables.items()}, names)
    single = {model: table.single for model, table in tables.items()}
    return Evaluation(rows, labels[rows], averaged, single, ~has_duplicate(images, split, code), emotions)


def predicted(
    folder: Path, models: Sequence[str], rows: np.ndarray, classes: Sequence[str] = EMOTIONS
) -> dict[str, probabilities.Probabilities]:
    """Read what some models predict for the faces at some rows.

    Args:
        folder: METRICS or PRIVATE_TEST of pipeline/paths.py, or that of the crowd in either.
        models: names.
        rows: (n,) positions of the faces.
        classes: what the models tell apart.
    """
    tables = {}
    for model in models:
        path = paths.probabilities_path(folder, model)
        table = files.load_csv(path, probabilities.columns(classes))
        tables[model] = probabilities.read(table, rows, str(path), classes)
    return tables


def save(folder: Path, evaluation: Evaluation, facts: Mapping[str, Any]) -> None:
    """Write figures, predictions and confusion matrices."""
    files.save_json(paths.evaluation_path(folder), facts)
    files.save_csv(paths.predictions_path(folder), evaluation.table())
    emotions = evaluation.emotions
    counts = {
        name: confusion_counts(evaluation.labels, codes, len(emotions)) for name, codes in evaluation.predicted.items()
    }
    cells = [row for name, matrix in counts.items() for row in confusion_rows(name, matrix, emotions)]
    files.save_csv(paths.confusion_path(folder), cells)


def draw(folder: Path, evaluation: Evaluation, scores: Mapping[str, Any], images: np.ndarray) -> None:
    """Draw confusion matrices, reliability and the surest mistakes."""
    pictures, split, emotions = paths.figures_folder(folder), paths.split_of(folder), evaluation.emotions
    for name, codes in evaluation.predicted.items():
        counts, title = confusion_counts(evaluation.labels, codes, len(emotions)), f"{display_name(name)} on {split}"
        picture = confusion_figure(counts, title, emotions)
        files.save_figure(pictures / "confusion" / f"{name}.png", picture)
    temperatures = {name: values["temperature"] for name, values in scores.items()}
    reliability = reliability_figure(evaluation.probabilities, evaluation.labels, temperatures)
    files.save_figure(pictures / "reliability.png", reliability)
    last, values = list(evaluation.probabilities.items())[-1]  # the largest ensemble that is there
    shown, title = images[evaluation.rows], f"{display_name(last)} on {split}"
    surest = mistakes_figure(shown, evaluation.labels, values, title, emotions)
    files.save_figure(pictures / "mistakes.png", surest)


if __name__ == "__main__":
    run_for_names(main, MODELS, __doc__)
