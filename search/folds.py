"""Cross-validation of one training over Training: how far the accuracy depends on which faces are learnt and measured.

    python -m search.folds train@vgg --folds 5

Each fold is left out once: the network learns from the others and is measured on it, where the stage measures on
PublicTest, which is not read, no more than PrivateTest is. Folds have the same shares of the classes, and duplicates of
a face stand in one. No fold is trained twice (several.py); the table goes to metrics/folds/.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from openfer.data.duplicates import first_duplicates
from openfer.training.dataset import Dataset
from pipeline import params
from pipeline.fingerprint import short
from search.several import Kept, SeveralError, command, job, run, write
from stages.train import Job


@dataclass(frozen=True)
class Fold:
    """What a training of a fold depends on beside what the stage does.

    Attributes:
        left_out: number of the fold that is measured, from 1.
        count: of folds.
        rows: fingerprint of the rows of Training that are in it.
    """

    left_out: int
    count: int
    rows: str


def main(stage: str, count: int) -> None:
    """Train once without each of `count` folds, measure on that, and write the table.

    Args:
        stage: as DVC calls it: "train@vgg", "crowd/dvc.yaml:train@vgg".
        count: of folds, 2 or more.
    """
    module, arguments = command(stage)
    whole = job(module, arguments, {})
    fold_of = split(whole.training, count, whole.recipe.seed)
    trainings = []
    for number in range(1, count + 1):
        told = {"fold": number, "faces": int((fold_of == number).sum())}
        trainings.append(Kept(told, partial(without, module, arguments, fold_of, number), "accuracy"))
    write(stage, "folds", trainings, "the fold that is left out")


def split(faces: Dataset, count: int, seed: int) -> np.ndarray:
    """Return for each face the number of its fold, from 1, (n,) int.

    Args:
        faces: of Training.
        count: of folds.
        seed: of the shuffle.

    Raises:
        SeveralError: a class has fewer faces than there are to be folds.
    """
    groups = first_duplicates(faces.images)
    rarest = min(len(np.unique(groups[faces.labels == label])) for label in np.unique(faces.labels))
    if count > rarest:
        raise SeveralError(f"--folds must be at most {rarest}, the different faces of the rarest class: it is {count}")
    fold_of = np.zeros(len(faces), int)
    folds = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    for number, (_, rows) in enumerate(folds.split(groups, faces.labels, groups), start=1):
        fold_of[rows] = number
    return fold_of


def without(module: str, arguments: Sequence[str], fold_of: np.ndarray, number: int) -> Job:
    """Return the training of a stage that learns from all folds but one and is measured on that.

    Args:
        module: that trains for the stage.
        arguments: its own.
        fold_of: as `split` returns it.
        number: of the fold.
    """
    whole, out = job(module, arguments, {}), fold_of == number
    faces, fold = whole.training, Fold(number, int(fold_of.max()), short(np.flatnonzero(out).tolist()))
    read = {**whole.read, **params.dotted({"fold": fold})}
    return replace(whole, training=faces.select(~out), public=faces.select(out), read=read)


if __name__ == "__main__":
    run(main, "folds", __doc__)
