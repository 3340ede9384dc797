"""Do hybrids bring more to an ensemble than other seeds, and do other recipes? Tables of 32 trainings on one GPU.

docs/seeds/public_test.npz holds what each network predicts for PublicTest, (3589, 7) float16, the mean of ten crops, by
"model seed recipe", and the "labels". `python -m docs.readme` writes the tables into docs/experiments.md.
"""

import collections
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from openfer.evaluation.comparison import disagreement
from openfer.evaluation.ensemble import combine
from openfer.evaluation.tables import markdown

PROBABILITIES = Path("docs/seeds/public_test.npz")
DEFAULT = "base"
RECIPES = {
    "mixup": "up to half of the faces mixed with another (β of 0.2), nothing erased",
    "sharp": "`train.label_smoothing=0`, `train.ema=0.98`",
    "weak": "`augmentation.rotation=0`, `scale=0`, `erase=0`",
    "clahe": "local contrast equalised (CLAHE, 4 × 4 cells, limit 2)",
    "classes": "`train.class_weighting=0.5`",
    "decay": "`train.weight_decay=0.02`",
    "drop": "`block_dropout=0.2`, `dropout=0.5` in both networks",
}
"""Recipes by the name that the archive gives them, and what was changed."""

Member = np.ndarray
"""Probabilities (n, 7) of one network."""


class Trainings:
    """The networks, and how often means of them are right."""

    def __init__(self) -> None:
        self.networks = collections.defaultdict(list)
        with np.load(PROBABILITIES) as archive:
            self.labels = archive["labels"]
            for name in sorted(set(archive.files) - {"labels"}):
                model, _, recipe = name.split()
                self.networks[model, recipe].append(archive[name].astype(float))

    def members(self, model: str, recipe: str = DEFAULT) -> list[Member]:
        """Return the networks of one model and recipe, a seed each."""
        return self.networks[model, recipe]

    def accuracies(self, ensembles: Iterable[Sequence[Member]]) -> np.ndarray:
        """Return the accuracy of the mean of each ensemble's members, in per cent."""
        return np.array([100 * (combine(members).argmax(1) == self.labels).mean() for members in ensembles])


def control(trainings: Trainings) -> str:
    """Return the table of plain networks and hybrids, alone and in ensembles: mean, lowest–highest."""
    rows = [["PublicTest, ten crops", "CNN", "VGG", "both", "two of them disagree on"]]
    families = {family: _ensembles(trainings, family) for family in ("cnn", "vgg")}
    for name in families["cnn"]:
        cells = [_spread(trainings.accuracies(ensembles[name])) for ensembles in families.values()]
        pairs = [pair for ensembles in families.values() for pair in ensembles[name]]
        rows.append([name, *cells, "", f"{_disagreement(pairs):.1f} %" if len(pairs[0]) == 2 else ""])
    for name in ("three plain", "plain, SIFT and DSIFT"):
        both = itertools.product(*(ensembles[name] for ensembles in families.values()))
        spread = _spread(trainings.accuracies(cnn + vgg for cnn, vgg in both))
        rows.append([f"{name} of each", "", "", spread, ""])
    plain = trainings.members("cnn") + trainings.members("vgg")
    rows.append([f"all {len(plain)} plain", "", "", f"{trainings.accuracies([plain])[0]:.1f}", ""])
    return markdown(rows)


def recipes(trainings: Trainings) -> str:
    """Return the table of other recipes: alone, together, and what they bring to one CNN and one VGG of the default."""
    cnn, vgg = (trainings.members(model) for model in ("cnn", "vgg"))
    defaults = list(itertools.product(cnn, vgg))
    twos = itertools.product(itertools.combinations(cnn, 2), itertools.combinations(vgg, 2))
    kinds = (zip(cnn), zip(vgg), defaults, (one + other for one, other in twos))
    means = [trainings.accuracies(ensembles).mean() for ensembles in kinds]
    rows = [
        ["PublicTest, ten crops", "CNN", "VGG", "both", "both, with a default CNN and VGG"],
        _row(f"default, mean of {len(cnn)} seeds each", means),
    ]
    for recipe, change in RECIPES.items():
        changed = trainings.members("cnn", recipe) + trainings.members("vgg", recipe)
        cells = trainings.accuracies([changed[:1], changed[1:], changed])
        joined = trainings.accuracies([*changed, *default] for default in defaults).mean()
        rows.append(_row(change, [*cells, joined]))
    return markdown(rows)


def parts() -> dict[str, str]:
    """Return the generated parts of docs/experiments.md by name."""
    trainings = Trainings()
    return {"seeds": control(trainings), "recipes": recipes(trainings)}


def _ensembles(trainings: Trainings, family: str) -> dict[str, list[tuple[Member, ...]]]:
    """Return every ensemble of each kind that the trainings of a family allow."""
    plain, sift, dsift = (trainings.members(model) for model in (family, f"{family}-sift", f"{family}-dsift"))
    kinds = {
        "plain": zip(plain),
        "SIFT": zip(sift),
        "DSIFT": zip(dsift),
        "two plain": itertools.combinations(plain, 2),
        "plain and SIFT": itertools.product(plain, sift),
        "plain and DSIFT": itertools.product(plain, dsift),
        "three plain": itertools.combinations(plain, 3),
        "plain, SIFT and DSIFT": itertools.product(plain, sift, dsift),
    }
    return {name: list(ensembles) for name, ensembles in kinds.items()}


def _row(name: str, accuracies: Iterable[float]) -> list[str]:
    return [name, *(f"{accuracy:.1f}" for accuracy in accuracies)]


def _spread(values: np.ndarray) -> str:
    return f"{values.mean():.1f} ({values.min():.1f}–{values.max():.1f})"


def _disagreement(pairs: Sequence[Sequence[Member]]) -> float:
    """Return the share of faces that the two of a pair label differently, in per cent, on average."""
    labelled = ({"one": one.argmax(1), "other": other.argmax(1)} for one, other in pairs)
    return 100 * float(np.mean([disagreement(codes)["one"]["other"] for codes in labelled]))
