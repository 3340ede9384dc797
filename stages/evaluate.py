"""Evaluate the six models and seven ensembles: probabilities of the models → figures, predictions, pictures.

    python -m stages.evaluate

The only stage that looks at the labels of PrivateTest. Nothing is chosen on them: temperatures, and the member that an
ensemble is tested against, come from PublicTest.
"""

import numpy as np

from openfer import files as artifacts
from openfer.data.duplicates import twins
from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING
from openfer.evaluation.ensemble import ENSEMBLES, MODELS, display_name, systems
from openfer.evaluation.evaluation import Evaluation, best_members
from openfer.evaluation.figures.confusion import confusion_counts, confusion_figure, confusion_rows
from openfer.evaluation.figures.learning_curves import learning_curves
from openfer.evaluation.figures.mistakes import mistakes_figure
from openfer.evaluation.figures.reliability import reliability_figure
from openfer.evaluation.protocol import protocol
from openfer.prediction.probabilities import Probabilities, read
from stages import run

PUBLIC, PRIVATE = SPLITS[PUBLIC_TEST], SPLITS[PRIVATE_TEST]


def main() -> None:
    """Read, evaluate, write."""
    images, labels, split = map(artifacts.load_array, (artifacts.IMAGES, artifacts.LABELS, artifacts.SPLIT))
    rows = np.flatnonzero(split != TRAINING)
    tables = {model: read(artifacts.load_csv(artifacts.probabilities_path(model)), rows) for model in MODELS}
    public = evaluation_of(PUBLIC_TEST, images, labels, split, tables)
    private = evaluation_of(PRIVATE_TEST, images, labels, split, tables)
    temperatures = public.temperatures()
    scores = {PUBLIC: public.scores(temperatures), PRIVATE: private.scores(temperatures)}
    members = {ensemble: names for ensemble, (_, names) in ENSEMBLES.items()}
    comparisons = {
        "ensemble_against_best_member": private.against_best_member(best_members(members, scores[PUBLIC])),
        "disagreement": private.disagreements(tuple(MODELS)),
    }
    accuracies = {name: round(values["accuracy"], 4) for name, values in scores[PUBLIC].items()}
    histories = {model: artifacts.load_csv(artifacts.history_path(model)) for model in MODELS}
    facts = {"protocol": protocol(labels, split), "epochs": {model: len(rows) for model, rows in histories.items()}}
    artifacts.save_json(artifacts.EVALUATION, facts | scores)
    artifacts.save_json(artifacts.COMPARISONS, comparisons)
    artifacts.save_json(artifacts.SUMMARY, {"public_accuracy": accuracies})
    artifacts.save_csv(artifacts.predictions_path(PUBLIC), public.table())
    artifacts.save_csv(artifacts.predictions_path(PRIVATE), private.table())
    save_confusions(private)
    artifacts.save_figure(artifacts.LEARNING_CURVES, learning_curves(histories))
    save_pictures(private, images[private.rows], temperatures)
    for name, accuracy in accuracies.items():
        print(f"{display_name(name):16} accuracy on {PUBLIC} {accuracy:.4f}")


def evaluation_of(
    code: int, images: np.ndarray, labels: np.ndarray, split: np.ndarray, tables: dict[str, Probabilities]
) -> Evaluation:
    """Take one evaluation split out of everything that is evaluated."""
    rows = np.flatnonzero(split == code)
    own = split[split != TRAINING] == code
    fresh = ~twins(images[rows], images[split == TRAINING])
    averaged = systems({model: table.averaged[own] for model, table in tables.items()})
    single = {model: table.single[own] for model, table in tables.items()}
    return Evaluation(rows, labels[rows], averaged, single, fresh)


def save_confusions(private: Evaluation) -> None:
    """Write every confusion matrix on PrivateTest as a table and as a picture."""
    for name, codes in private.predicted.items():
        counts = confusion_counts(private.labels, codes)
        artifacts.save_csv(artifacts.confusion_path(name, ".csv"), confusion_rows(counts))
        picture = confusion_figure(counts, f"{display_name(name)} on {PRIVATE}")
        artifacts.save_figure(artifacts.confusion_path(name, ".png"), picture)


def save_pictures(private: Evaluation, images: np.ndarray, temperatures: dict[str, float]) -> None:
    """Draw reliability and the surest mistakes."""
    reliability = reliability_figure(private.probabilities, private.labels, temperatures)
    artifacts.save_figure(artifacts.RELIABILITY, reliability)
    mistakes = mistakes_figure(images, private.labels, private.probabilities["all"], f"All six on {PRIVATE}")
    artifacts.save_figure(artifacts.MISTAKES, mistakes)


if __name__ == "__main__":
    run(main)
