"""The card of an exported model, written from the pipeline's own figures.

After Mitchell et al. 2019 (arXiv:1810.03993).
"""

from collections.abc import Mapping
from typing import Any

from openfer.emotions import EMOTIONS, IMAGE_SIZE, PRIVATE_TEST, PUBLIC_TEST, SPLITS
from openfer.evaluation.tables import macro, without_duplicates

PUBLIC, PRIVATE = SPLITS[PUBLIC_TEST], SPLITS[PRIVATE_TEST]

CARD = """# {display_name}

Written by the project's pipeline from its own figures; do not edit.

- **Input**: faces of {size} × {size} grey pixels, cut out as FER2013 has them (`openfer.faces.alignment.cut_out`).
- **Output**: which of seven posed expressions each resembles most: {emotions}.
- **Made of** {networks}, whose MD5 sums stand in model.json and in dvc.lock.
- **Trained** on Training of FER2013. Protocol: {protocol}; epochs were chosen on {public}.

## How often it is right

{figures}

## How sure it is

Probabilities are scaled by the temperature {temperature:.2f}, fitted on the {public} faces that have no duplicate in
Training. A face is called unsure below {unsure_below:.2f}, or with less contrast than nearly all of FER2013's. For a
face and its mirror image, as the program predicts:

{threshold}

## What it is not

An expression is not a feeling, and people agree with FER2013's labels in about two of three faces. Its faces are found
on the web, small and grey, with few old, young or dark-skinned ones; nothing says that the figures hold for others.
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
        private_threshold: what `calibration.at_threshold` returns for PrivateTest.
    """
    name = facts["name"]
    splits = {PUBLIC: public["systems"][name]} | ({PRIVATE: private["systems"][name]} if private else {})
    thresholds = {f"{PUBLIC} without duplicates": facts["public_test"]}
    thresholds |= {PRIVATE: private_threshold} if private_threshold else {}
    figures = [_figures(splits), _classes(*list(splits.items())[-1])]
    return CARD.format(
        **facts,
        size=IMAGE_SIZE,
        emotions=", ".join(EMOTIONS),
        networks=", ".join(facts["provenance"]),
        protocol=public["protocol"],
        public=PUBLIC,
        figures="\n\n".join(figures),
        threshold=_thresholds(thresholds),
    )


def _figures(splits: Mapping[str, Mapping[str, Any]]) -> str:
    scores = splits.values()
    rows = {
        "accuracy, ten crops of each face": [f"{one['accuracy']:.2%}" for one in scores],
        "its 95 % interval": [f"{one['low']:.1%}–{one['high']:.1%}" for one in scores],
        "accuracy without images that have a duplicate in Training": [without_duplicates(one) for one in scores],
        "macro-F1": [macro(one) for one in scores],
    }
    return _table(["", *splits], rows)


def _classes(split: str, scores: Mapping[str, Any]) -> str:
    rows = {
        emotion: [*(f"{row[key]:.2f}" for key in ("precision", "recall", "f1")), str(row["count"])]
        for emotion, row in scores["classes"].items()
    }
    return _table([split, "precision", "recall", "F1", "faces"], rows)


def _thresholds(splits: Mapping[str, Mapping[str, float]]) -> str:
    rows = {
        split: [f"{row['sure_share']:.0%}", f"{row['sure_accuracy']:.1%}", f"{row['accuracy']:.1%}"]
        for split, row in splits.items()
    }
    return _table(["", "faces at or above the threshold", "of these right", "of all right"], rows)


def _table(header: list[str], rows: Mapping[str, list[str]]) -> str:
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *([name, *cells] for name, cells in rows.items())]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
