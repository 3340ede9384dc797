"""Score the published systems and their combinations on PublicTest: probabilities → figures, pictures.

    python -m baselines.evaluate
    python -m baselines.evaluate blog shallow

Without names, all. PublicTest alone; baselines/report/evaluate.py does the same for PrivateTest.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from baselines import ENSEMBLES, NETWORKS, SVMS, SYSTEMS, title
from openfer import files
from openfer.emotions import PUBLIC_TEST, SPLITS
from openfer.evaluation.confusion import confusion_counts, confusion_rows
from openfer.evaluation.ensemble import combine
from openfer.evaluation.figures.confusion import confusion_figure
from openfer.evaluation.figures.learning_curves import learning_curves
from openfer.evaluation.protocol import has_duplicate, protocol
from openfer.evaluation.scores import score
from pipeline import arrays, paths, versions
from stages import run_for_names
from stages.evaluate import HISTORY, predicted


def main(names: Sequence[str] = tuple(SYSTEMS)) -> None:
    """Evaluate PublicTest, draw the learning curves, and write what experiments are compared by.

    Args:
        names: of the systems; combinations are those of which all members are among them.
    """
    histories = {
        name: files.load_csv(paths.history_path(f"baselines/{name}"), HISTORY) for name in names if name in NETWORKS
    }
    machines = {name: files.load_json(paths.BASELINES / "svm" / f"{name}.json") for name in names if name in SVMS}
    trained = {name: progress(rows) for name, rows in histories.items()}
    accuracies = evaluate(PUBLIC_TEST, paths.BASELINES, names, {"trained": trained, "machines": machines})
    files.save_json(paths.BASELINES / "summary.json", {"baseline_accuracy": accuracies})
    for name, rows in histories.items():
        picture = learning_curves({name: rows}, title, "Training as the network saw it")
        files.save_figure(paths.figures_folder(paths.BASELINES) / "learning_curves" / f"{name}.png", picture)


def evaluate(code: int, folder: Path, names: Sequence[str], facts: Mapping[str, Any]) -> dict[str, float]:
    """Score one split, write figures and confusion matrices, draw the matrices, and return the accuracies.

    Args:
        code: of the split.
        folder: BASELINES or PRIVATE_BASELINES of pipeline/paths.py.
        names: of the systems.
        facts: what else is to stand beside the figures.
    """
    versions.require(["numpy", "scikit-learn", "scipy"])
    (images, labels, split), classes = arrays.faces(), arrays.emotions()
    emotions = tuple(classes)
    rows, alone = np.flatnonzero(split == code), ~has_duplicate(images, split, code)
    answers = {name: values.argmax(axis=1) for name, values in probabilities(folder, names, rows, emotions).items()}
    scores = {name: scored(labels[rows], codes, alone, emotions) for name, codes in answers.items()}
    about = {"protocol": protocol(labels, split, classes), "split": SPLITS[code]}
    files.save_json(folder / "evaluation.json", about | facts | {"systems": scores})
    counts = {name: confusion_counts(labels[rows], codes, len(emotions)) for name, codes in answers.items()}
    cells = [row for name, matrix in counts.items() for row in confusion_rows(name, matrix, emotions)]
    files.save_csv(paths.confusion_path(folder), cells)
    for name, matrix in counts.items():
        picture = confusion_figure(matrix, f"{title(name)} on {SPLITS[code]}", emotions)
        files.save_figure(paths.figures_folder(folder) / "confusion" / f"{name}.png", picture)
    accuracies = {name: round(values["accuracy"], 4) for name, values in scores.items()}
    for name, accuracy in accuracies.items():
        print(f"{title(name):46} accuracy on {SPLITS[code]} {accuracy:.4f}")
    return accuracies


def probabilities(
    folder: Path, names: Sequence[str], rows: np.ndarray, emotions: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return the probabilities (n, classes) of systems and of the combinations whose members are all among them."""
    found = {name: table.averaged for name, table in predicted(folder, names, rows, emotions).items()}
    whole = {name: ensemble.members for name, ensemble in ENSEMBLES.items() if set(ensemble.members) <= set(names)}
    return found | {name: combine([found[member] for member in members]) for name, members in whole.items()}


def scored(labels: np.ndarray, codes: np.ndarray, alone: np.ndarray, emotions: Sequence[str]) -> dict[str, Any]:
    """Return the scores of all faces, and those of the faces without a duplicate in Training.

    Args:
        labels: (n,) true codes.
        codes: (n,) predicted codes.
        alone: (n,) True where Training holds no byte-identical image.
        emotions: what the codes mean.
    """
    rest = score(labels[alone], codes[alone], emotions) if alone.any() else None
    brief = {key: value for key, value in rest.items() if key != "classes"} if rest else None
    return score(labels, codes, emotions) | {"without_duplicates": brief}


def progress(history: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """Return how many epochs a training had, and in which of them PublicTest was best."""
    best = max(history, key=lambda row: float(row["public_accuracy"]))
    return {"epochs": len(history), "best_epoch": int(best["epoch"])}


if __name__ == "__main__":
    run_for_names(main, tuple(SYSTEMS), __doc__)
