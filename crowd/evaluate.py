"""Hold answers against what most people see on PublicTest: votes, probabilities → figures, confusion matrices.

    python -m crowd.evaluate

Of the networks of the crowd by the published protocol of FER+; of these and of the models that were trained on
FER2013's labels, as they are and reweighted, in the seven classes that both have.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from crowd import ALL, MODELS
from openfer import files
from openfer.data.light import LIGHTS
from openfer.data.votes import CLASSES, Seen, learnable, majority
from openfer.emotions import EMOTIONS, PUBLIC_TEST, SPLITS, TRAINING
from openfer.evaluation.calibration import class_shares, reweighted
from openfer.evaluation.confusion import confusion_counts, confusion_rows
from openfer.evaluation.crowd import one_person, seven
from openfer.evaluation.ensemble import MODELS as FER2013
from openfer.evaluation.ensemble import SYSTEMS, combine, systems
from openfer.evaluation.protocol import has_duplicate
from openfer.evaluation.scores import score
from pipeline import arrays, params, paths, versions
from stages import run
from stages.evaluate import predicted


def main(code: int, folder: Path, beside: Path) -> None:
    """Evaluate one split.

    Args:
        code: of the split.
        folder: CROWD or PRIVATE_CROWD of pipeline/paths.py.
        beside: METRICS or PRIVATE_TEST, where the answers of the models of FER2013's labels lie.
    """
    versions.require(["numpy", "scikit-learn", "scipy"])
    images, labels, split = arrays.faces()
    votes, classes = arrays.votes(), params.load("crowd", params.CROWD).classes
    rows = np.flatnonzero(split == code)
    alone = rows[~has_duplicate(images, split, code)]
    answers = averaged(folder, MODELS, rows, CLASSES[classes])
    if len(answers) > 1:
        answers[ALL] = combine(list(answers.values()))
    in_seven = {name: seven(values) for name, values in answers.items()}
    fer2013 = systems(averaged(beside, FER2013, rows, EMOTIONS), SYSTEMS)
    weights = class_shares(learnable(votes, 7).among(np.flatnonzero(split == TRAINING)).labels, 7)
    weights = weights / class_shares(labels[split == TRAINING], 7)
    groups = {
        "crowd": in_seven,
        "fer2013": fer2013,
        "fer2013_reweighted": {name: reweighted(values, weights) for name, values in fer2013.items()},
    }
    most, most_of_seven = (majority(votes, count).among(rows) for count in (classes, 7))
    evaluation = {
        "split": SPLITS[code],
        "people": people(votes, labels, most, most_of_seven),
        "systems": {name: fer_plus(values, rows, alone, most, CLASSES[classes]) for name, values in answers.items()},
        "seven_classes": {group: of_seven(found, rows, alone, most_of_seven) for group, found in groups.items()},
        "called_sad": {name: called_sad(values, rows, most_of_seven) for name, values in (fer2013 | in_seven).items()},
        "by_fer2013": {name: brief(score(labels[rows], values.argmax(1))) for name, values in in_seven.items()},
        "light": light(folder, rows, most_of_seven),
    }
    files.save_json(folder / "evaluation.json", evaluation)
    files.save_csv(folder / "confusion.csv", confusion(groups, rows, most_of_seven))
    accuracies = {name: round(scores["accuracy"], 4) for name, scores in evaluation["systems"].items()}
    files.save_json(folder / "summary.json", {"crowd_accuracy": accuracies})
    for name, accuracy in accuracies.items():
        print(f"{name:16} agrees with the majority on {accuracy:.4f} of {len(most.rows):,} faces of {SPLITS[code]}")


def averaged(folder: Path, models: Sequence[str], rows: np.ndarray, classes: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the probabilities (n, classes) of each model, from ten crops of each face."""
    return {model: table.averaged for model, table in predicted(folder, models, rows, classes).items()}


def answers_to(values: np.ndarray, rows: np.ndarray, most: Seen) -> np.ndarray:
    """Return the codes that a system answers for the faces with a majority.

    Args:
        values: (n, classes) of all faces of the split.
        rows: (n,) positions of these.
        most: what most people see in some of them.
    """
    return values[np.searchsorted(rows, most.rows)].argmax(axis=1)


def people(votes: np.ndarray, labels: np.ndarray, most: Seen, most_of_seven: Seen) -> dict[str, Any]:
    """Return how often one person agrees with the other nine, and FER2013's label with the majority."""
    return {
        "faces": len(most.rows),
        "one_person": one_person(votes[most.rows]),
        "fer2013_label": brief(score(most_of_seven.labels, labels[most_of_seven.rows])),
    }


def fer_plus(
    values: np.ndarray, rows: np.ndarray, alone: np.ndarray, most: Seen, classes: Sequence[str]
) -> dict[str, Any]:
    """Return FER+ accuracy and what belongs to it, and that of the faces without a duplicate in Training.

    Args:
        values: (n, classes) of all faces of the split.
        rows: (n,) positions of these.
        alone: those of them of which Training holds no byte-identical image.
        most: what most people see in some of them.
        classes: names of the columns of `values`.
    """
    scores = score(most.labels, answers_to(values, rows, most), classes)
    rest = most.among(alone)
    without = brief(score(rest.labels, answers_to(values, rows, rest), classes)) if len(rest.rows) else None
    return scores | {"without_duplicates": without}


def of_seven(found: Mapping[str, np.ndarray], rows: np.ndarray, alone: np.ndarray, most: Seen) -> dict[str, Any]:
    """Return the agreement of systems (n, 7) with the majority in seven classes."""
    return {name: fer_plus(values, rows, alone, most, EMOTIONS) for name, values in found.items()}


def called_sad(values: np.ndarray, rows: np.ndarray, most: Seen) -> dict[str, int]:
    """Count the faces that a system calls sad, and those of them that most people call neutral."""
    sad = answers_to(values, rows, most) == EMOTIONS.index("sad")
    return {"all": int(sad.sum()), "neutral": int((sad & (most.labels == EMOTIONS.index("neutral"))).sum())}


def light(folder: Path, rows: np.ndarray, most: Seen) -> dict[str, dict[str, float]]:
    """Return the agreement of plain faces with the majority in seven classes, by model and light."""
    table = files.load_csv(folder / "probabilities" / "light.csv", ["model", "row", *LIGHTS])
    found: dict[str, dict[str, float]] = {}
    for model in dict.fromkeys(row["model"] for row in table):
        answers = [row for row in table if row["model"] == model]
        chosen = np.searchsorted(rows, most.rows)
        found[model] = {
            name: float(np.mean([EMOTIONS.index(answers[place][name]) for place in chosen] == most.labels))
            for name in LIGHTS
        }
    return found


def confusion(groups: Mapping[str, Mapping[str, np.ndarray]], rows: np.ndarray, most: Seen) -> list[dict[str, Any]]:
    """Return confusion matrices in seven classes, one row per group, system and cell."""
    return [
        {"group": group} | cell
        for group, found in groups.items()
        for name, values in found.items()
        for cell in confusion_rows(name, confusion_counts(most.labels, answers_to(values, rows, most)))
    ]


def brief(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Return scores without those of each class."""
    return {key: value for key, value in scores.items() if key != "classes"}


if __name__ == "__main__":
    run(partial(main, PUBLIC_TEST, paths.CROWD, paths.METRICS))
