"""The card of an exported model, written from the pipeline's own figures.

After Mitchell et al. 2019 (arXiv:1810.03993).
"""

from collections.abc import Mapping
from typing import Any

from openfer.emotions import EMOTIONS, IMAGE_SIZE, PRIVATE_TEST, PUBLIC_TEST, SPLITS
from openfer.evaluation.tables import without_twins

PUBLIC, PRIVATE = SPLITS[PUBLIC_TEST], SPLITS[PRIVATE_TEST]

CARD = """# {display_name}

Written by the stage `export` from metrics/evaluation.json; do not edit.

- **Takes** faces of {size} × {size} grey pixels, cut out as FER2013 has them (`openfer.faces.alignment.cut_out`).
- **Says** which of seven posed expressions each resembles most: {emotions}.
- **Made of** {networks}, whose MD5 sums stand in model.json and in dvc.lock.
- **Learned** from Training of FER2013. Protocol: {protocol}; epochs were chosen on {public}.

## How often it is right

{figures}

{classes}

## How sure it is

Probabilities are scaled by the temperature {temperature:.2f}, fitted on {public}. A face is called unsure below
{unsure_below:.2f}, or with less contrast than nearly all of FER2013's. On {public}, the {sure_share:.0%} of the faces
at or above the threshold are right in {sure_accuracy:.0%}, all faces in {accuracy:.0%} (face and mirror image, as the
program asks).

## What it is not

An expression is not a feeling, and people agree with FER2013's labels in about two of three faces. Its faces are found
on the web, small and grey, with few old, young or dark-skinned ones; nothing says that the figures hold for others.
This model should not decide anything about anybody.
"""


def model_card(facts: Mapping[str, Any], evaluation: Mapping[str, Any]) -> str:
    """Return the card in Markdown.

    Args:
        facts: what model.json holds.
        evaluation: what stages/evaluate.py wrote to metrics/evaluation.json.
    """
    return CARD.format(
        **facts | facts["public_test"],
        size=IMAGE_SIZE,
        emotions=", ".join(EMOTIONS),
        networks=", ".join(facts["provenance"]),
        protocol=evaluation["protocol"],
        public=PUBLIC,
        figures=_figures(evaluation[PUBLIC][facts["name"]], evaluation[PRIVATE][facts["name"]]),
        classes=_classes(evaluation[PRIVATE][facts["name"]]["classes"]),
    )


def _figures(*splits: Mapping[str, Any]) -> str:
    rows = {
        "accuracy, ten views of each face": [f"{scores['accuracy']:.2%}" for scores in splits],
        "its 95 % interval": [f"{scores['low']:.1%}–{scores['high']:.1%}" for scores in splits],
        "accuracy without images that have a twin in Training": [without_twins(scores) for scores in splits],
        "macro-F1": [f"{scores['macro_f1']:.3f}" for scores in splits],
    }
    return "\n".join([f"| | {PUBLIC} | {PRIVATE} |", "|---|--:|--:|", *(_row(*row) for row in rows.items())])


def _classes(classes: Mapping[str, Mapping[str, float]]) -> str:
    rows = {
        emotion: [*(f"{row[key]:.2f}" for key in ("precision", "recall", "f1")), str(row["count"])]
        for emotion, row in classes.items()
    }
    header = f"| {PRIVATE} | precision | recall | F1 | faces |"
    return "\n".join([header, "|---|--:|--:|--:|--:|", *(_row(*row) for row in rows.items())])


def _row(name: str, cells: list[str]) -> str:
    return f"| {' | '.join([name, *cells])} |"
