"""The card of a model that was trained on the labels of the crowd, written from the figures that the pipeline measured.

After Mitchell et al. 2019 (arXiv:1810.03993).
"""

from collections.abc import Mapping
from typing import Any

from openfer.emotions import EMOTIONS, IMAGE_SIZE
from openfer.evaluation.tables import PUBLIC, accuracy, by_split, interval, macro, markdown, without_duplicates
from openfer.export.model_card import classes_table, thresholds_table

CARD = """# {display_name}

Written by the pipeline from what it measured; do not edit.

- **Input**: faces of {size} × {size} grey pixels, cut out as FER2013 has them (`openfer.faces.alignment.cut_out`).
- **Output**: which of seven expressions most people would see in a face: {emotions}.
- **Labels**: `crowd`. It learned from what ten people saw in each face of Training of FER2013 (the votes of FER+,
  Barsoum et al. 2016), and not from FER2013's own labels, with which people agree in about two of three faces.
- **Networks**: {networks}; their MD5 sums stand in model.json and in crowd/dvc.lock.

## How often it agrees with people

On the faces of which more than half of the votes are for one of the seven expressions, from ten crops of each face.
“Without duplicates” leaves out those of which Training holds a byte-identical copy. One person agrees with most of nine
others on {one_person} of the faces of {split}.

{figures}

Of each expression on {split}:

{classes}

Of the {called_sad:,} faces that it calls sad, people call {sad_but_neutral:,} neutral.

By FER2013's own labels, which it never saw, it is right on {by_fer2013} of all faces of {split}; a network that was
trained on them finds more of the faces labelled fear and sad.

## In other light

Agreement from the plain face, its grey values multiplied:

{light}

## How sure it is

Probabilities are scaled by the temperature {temperature:.2f}. A face is called unsure below a probability of
{unsure_below:.2f}, or where it has less contrast than nearly all faces of FER2013. Both numbers were fitted on the
{public} faces without a duplicate in Training in which people see an expression, majority or not. On such faces,
predicted with their mirror images, as the program does:

{thresholds}

## The prior

In the pictures of FER2013, found on the web, people see neutral and happy faces most of the time. A model that learned
from them expects the same of yours. That is right for everyday pictures (`--prior 1`); where each expression is as
frequent as the others, as in posed collections, `--prior 0` takes the expectation away: fewer faces are called neutral,
more get the rare names, wrong ones among them. Strength chosen on {public}: {strength:g}.

## What it is not

An expression is not a feeling. The faces of FER2013 were found on the web, small and grey, with few old, young or
dark-skinned ones; the people who labelled them were asked for one word each. Nothing shows that the figures hold for
others. This model should not decide anything about anybody.
"""


def crowd_card(
    facts: Mapping[str, Any],
    public: Mapping[str, Any],
    private: Mapping[str, Any] | None = None,
    private_threshold: Mapping[str, float] | None = None,
) -> str:
    """Return the card in Markdown.

    Args:
        facts: what model.json holds.
        public: what crowd/evaluate.py wrote of PublicTest.
        private: what crowd/report/evaluate.py wrote of PrivateTest; None for a card without it.
        private_threshold: what `calibration.at_threshold` returns for PrivateTest; None for a card without it.
    """
    name = facts["name"]
    splits = by_split(public, private)
    thresholds = by_split(facts["public_test"], private_threshold)
    split, last = list(splits.items())[-1]
    scores = last["seven_classes"]["crowd"][name]
    return CARD.format(
        display_name=facts["display_name"],
        size=IMAGE_SIZE,
        emotions=", ".join(EMOTIONS),
        networks=", ".join(facts["provenance"]),
        split=split,
        public=PUBLIC,
        one_person=f"{last['people']['one_person']:.1%}",
        figures=_figures(name, splits),
        classes=classes_table(scores["classes"]),
        called_sad=last["called_sad"][name]["all"],
        sad_but_neutral=last["called_sad"][name]["neutral"],
        by_fer2013=accuracy(last["by_fer2013"][name]),
        light=_light(name, splits),
        temperature=facts["temperature"],
        unsure_below=facts["unsure_below"],
        thresholds=thresholds_table(thresholds),
        strength=facts["prior"]["strength"],
    )


def _figures(name: str, splits: Mapping[str, Mapping[str, Any]]) -> str:
    scores = {split: found["seven_classes"]["crowd"][name] for split, found in splits.items()}
    cells = {"agreement": accuracy, "its 95 % interval": interval}
    cells |= {"agreement without duplicates": without_duplicates, "macro-F1": macro}
    rows = [[label, *(cell(found) for found in scores.values())] for label, cell in cells.items()]
    rows.append(["faces", *(f"{found['count']:,}" for found in scores.values())])
    return markdown([["", *splits], *rows])


def _light(name: str, splits: Mapping[str, Mapping[str, Any]]) -> str:
    lights = next(iter(splits.values()))["light"][name]
    rows = [[light, *(f"{found['light'][name][light]:.1%}" for found in splits.values())] for light in lights]
    return markdown([["", *splits], *rows])
