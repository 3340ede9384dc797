"""What the evaluation of published systems says of a training and of faces that Training holds, too."""

import numpy as np

from baselines.evaluate import progress, scored
from openfer.emotions import EMOTIONS


def test_the_epochs_of_a_training_are_counted_and_the_best_one_named():
    history = [
        {"epoch": str(epoch), "public_accuracy": accuracy} for epoch, accuracy in enumerate(("0.4", "0.6", "0.5"), 1)
    ]
    assert progress(history) == {"epochs": 3, "best_epoch": 2}


def test_faces_that_training_holds_too_are_left_out_of_the_second_accuracy():
    labels = np.arange(14) % 7
    codes, alone = np.where(np.arange(14) < 7, labels, (labels + 1) % 7), np.arange(14) >= 5
    found = scored(labels, codes, alone, EMOTIONS)
    assert (found["accuracy"], found["without_duplicates"]["accuracy"]) == (7 / 14, 2 / 9)
    assert scored(labels, codes, np.zeros(14, bool), EMOTIONS)["without_duplicates"] is None
