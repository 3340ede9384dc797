"""The card of an exported model, written from the figures that the pipeline measured.

After Mitchell et al. 2019 (arXiv:1810.03993).
"""

from collections.abc import Mapping
from typing import Any

from openfer.emotions import EMOTIONS, IMAGE_SIZE
from openfer.evaluation.tables import (
    PUBLIC,
    accuracy,
    by_split,
    data_source,
    in_words,
    interval,
    macro,
    markdown,
    without_duplicates,
)

CARD = """# {display_name}

Written by the pipeline from what it measured; do not edit.

- **Input**: faces of {size} × {size} grey pixels, cut out as FER2013 has them (`openfer.faces.alignment.cut_out`).
- **Output**: which of {count} posed expressions each face resembles most: {emotions}.
- **Networks**: {networks}; their MD5 sums stand in model.json and in dvc.lock.
- **Training**: on Training of FER2013; {public} chose the recipe and, where `train.keep` is `best`, the epoch.
- **Data**: {data}.
- **Protocol**: {protocol}.

## How often it is right

“Without duplicates” leaves out the images of which Training holds a byte-identical copy.

{figures}

Of each emotion on {split}:

{classes}

## How sure it is

Probabilities are scaled by the temperature {temperature:.2f}. A face is called unsure below a probability of
{unsure_below:.2f}, or where it has less contrast than nearly all faces of FER2013. Both numbers were fitted on the
{public} faces without a duplicate in Training. On faces without one, predicted with their mirror images, as the
program does:

{thresholds}

## What it is not

An expression is not a feeling, and people agree with FER2013's labels in about two of three faces. Its faces were found
on the web, small and grey, with few old, young or dark-skinned ones; nothing shows that the figures hold for others.
This model should not decide anything about anybody.
"""


def model_card(
    facts: Mapping[str, Any],
    public: Mapping[str, Any],
    private: Mapping[str, Any] | None = None,
    private_threshold: Mapping[str, float] | None = None,
) -> str:
    """Return the card in Markdown.

    Args:
        facts: what model.json holds.
        public: what stages/evaluate.py wrote of PublicTest.
        private: what report/evaluate.py wrote of PrivateTest; None for a card without it.
        private_threshold: what `calibration.at_threshold` returns for the PrivateTest faces without a duplicate; None
            for a card without it.
    """
    name = facts["name"]
    splits = by_split(public["systems"][name], private and private["systems"][name])
    thresholds = by_split(facts["public_test"], private_threshold)
    split, scores = list(splits.items())[-1]
    names = facts.get("emotions", EMOTIONS)
    return CARD.format(
        **{key: value for key, value in facts.items() if key != "emotions"},
        size=IMAGE_SIZE,
        count=in_words(len(names)),
        emotions=", ".join(names),
        networks=", ".join(facts["provenance"]),
        data=data_source(public["data"]),
        protocol=public["protocol"],
        public=PUBLIC,
        figures=_figures(splits),
        split=split,
        classes=classes_table(scores["classes"]),
        thresholds=thresholds_table(thresholds),
    )


def _figures(splits: Mapping[str, Mapping[str, Any]]) -> str:
    cells = {
        "accuracy, ten crops of each face": accuracy,
        "its 95 % interval": interval,
        "accuracy without duplicates": without_duplicates,
        "macro-F1": macro,
    }
    rows = [[name, *(cell(scores) for scores in splits.values())] for name, cell in cells.items()]
    return markdown([["", *splits], *rows])


def classes_table(classes: Mapping[str, Mapping[str, float]]) -> str:
    """Return the table of precision, recall, F1 and faces of each emotion."""
    rows = [
        [emotion, *(f"{row[key]:.2f}" for key in ("precision", "recall", "f1")), f"{row['count']:,}"]
        for emotion, row in classes.items()
    ]
    return markdown([["emotion", "precision", "recall", "F1", "faces"], *rows])


def thresholds_table(splits: Mapping[str, Mapping[str, float]]) -> str:
    """Return the table of what is sure and right, one row per split."""
    rows = []
    for split, row in splits.items():
        right = f"{row['sure_accuracy']:.1%}" if row["sure_share"] else "–"
        rows.append([split, f"{row['sure_share']:.1%}", right, f"{row['accuracy']:.1%}"])
    return markdown([["", "faces that are sure", "right of these", "right of all"], *rows])
