"""Score the exported network of transfer/dvc.yaml on PrivateTest: faces by which nothing was chosen and nothing fitted.

    python -m transfer.report.evaluate

Each face is seen with its mirror image, as the program sees it.
"""

import numpy as np

from openfer import files
from openfer.emotions import PRIVATE_TEST, SPLITS
from openfer.evaluation.confusion import confusion_counts
from openfer.evaluation.evaluation import Evaluation
from openfer.evaluation.figures.confusion import confusion_figure
from openfer.evaluation.protocol import has_duplicate, protocol
from openfer.evaluation.tables import with_interval
from openfer.export.calibration import at_threshold
from openfer.export.model_folder import ExportedModel
from pipeline import arrays, paths, versions
from stages import run
from transfer import MODEL


def main() -> None:
    """Read, predict, score, draw."""
    versions.require(["numpy", "onnxruntime", "scikit-learn", "scipy"])
    (images, labels, split), classes = arrays.faces(), arrays.emotions()
    emotions, model = tuple(classes), ExportedModel.load(paths.TRANSFER_EXPORTED)
    arrays.require_same(paths.TRANSFER_EXPORTED, model.emotions, emotions)
    rows = np.flatnonzero(split == PRIVATE_TEST)
    answers, new = model.uncalibrated(images[rows]), ~has_duplicate(images, split, PRIVATE_TEST)
    evaluation = Evaluation(rows, labels[rows], {MODEL: answers}, {}, new, emotions)
    scores = evaluation.scores({MODEL: model.facts["temperature"]})[MODEL]
    facts = {"protocol": protocol(labels, split, classes), "split": SPLITS[PRIVATE_TEST]}
    facts |= {"network": scores, "as_the_program_answers": at_threshold(answers, labels[rows], model.facts)}
    files.save_json(paths.evaluation_path(paths.PRIVATE_TRANSFER), facts)
    counts = confusion_counts(evaluation.labels, evaluation.predicted[MODEL], len(emotions))
    picture = confusion_figure(counts, f"own network on {SPLITS[PRIVATE_TEST]}", emotions)
    files.save_figure(paths.figures_folder(paths.PRIVATE_TRANSFER) / "confusion.png", picture)
    print(f"right on {with_interval(scores)} of {len(rows):,} faces of {SPLITS[PRIVATE_TEST]}")


if __name__ == "__main__":
    run(main)
