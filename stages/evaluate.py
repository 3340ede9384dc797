"""Evaluate the six models and seven ensembles: probabilities of the models → figures, predictions, pictures.

    python -m stages.evaluate

The only stage that looks at the labels of PrivateTest. Nothing is chosen here.
"""

import numpy as np
from fer.duplicates import twins

from fer import artifacts
from fer.confusion import confusion_counts, confusion_figure
from fer.curves import learning_curves
from fer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING
from fer.ensemble import MODELS, display_name, systems
from fer.evaluation import Evaluation
from fer.protocol import protocol


def main() -> None:
    """Read, evaluate, write."""
    images, labels, split = (
        artifacts.load_array(path) for path in (artifacts.IMAGES, artifacts.LABELS, artifacts.SPLIT)
    )
    probabilities = systems({model: artifacts.load_array(artifacts.probabilities_path(model)) for model in MODELS})
    evaluated = np.flatnonzero(split != TRAINING)
    scores = {}
    for code in (PUBLIC_TEST, PRIVATE_TEST):
        rows = evaluated[split[evaluated] == code]
        predicted = {name: values[split[evaluated] == code].argmax(axis=1) for name, values in probabilities.items()}
        fresh = ~twins(images[rows], images[split == TRAINING])
        evaluation = Evaluation(rows, labels[rows], predicted, fresh)
        scores[SPLITS[code]] = evaluation.scores()
        artifacts.save_csv(artifacts.predictions_path(SPLITS[code]), evaluation.table())
    _save_pictures(evaluation)
    artifacts.save_json(artifacts.EVALUATION, {"protocol": protocol(labels, split), **scores})
    public = {name: round(values["accuracy"], 4) for name, values in scores[SPLITS[PUBLIC_TEST]].items()}
    artifacts.save_json(artifacts.SUMMARY, {"public_accuracy": public})
    for name, values in scores[SPLITS[PRIVATE_TEST]].items():
        print(f"{display_name(name):16} PublicTest {public[name]:.4f}   PrivateTest {values['accuracy']:.4f}")


def _save_pictures(private: Evaluation) -> None:
    """Draw the confusion matrices on PrivateTest and the learning curves."""
    for name, codes in private.predicted.items():
        title = f"{display_name(name)} on {SPLITS[PRIVATE_TEST]}"
        figure = confusion_figure(confusion_counts(private.labels, codes), title)
        artifacts.save_figure(artifacts.metrics_folder(name) / "confusion.png", figure)
    histories = {}
    for model, title in MODELS.items():
        rows = artifacts.load_csv(artifacts.metrics_folder(model) / "history.csv")
        histories[title] = [{key: float(value) for key, value in row.items()} for row in rows]
    artifacts.save_figure(artifacts.LEARNING_CURVES, learning_curves(histories))


if __name__ == "__main__":
    main()
