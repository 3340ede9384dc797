"""The table of results, in Markdown: what the README and the demo show."""

from collections.abc import Mapping
from typing import Any

from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS
from openfer.evaluation.ensemble import display_name

HEADER = f"| model | {SPLITS[PUBLIC_TEST]} | {SPLITS[PRIVATE_TEST]} [95 % interval] | without twins | macro-F1 |"


def results_table(evaluation: Mapping[str, Any]) -> str:
    """Return a row for each model and ensemble.

    Args:
        evaluation: what stages/evaluate.py wrote to metrics/evaluation.json.

    Returns:
        A Markdown table of accuracies in per cent; "without twins" is PrivateTest less the images of which Training
        holds a byte-identical copy, macro-F1 is that on PrivateTest.
    """
    public, private = evaluation[SPLITS[PUBLIC_TEST]], evaluation[SPLITS[PRIVATE_TEST]]
    rows = [_row(name, public[name], scores) for name, scores in private.items()]
    return "\n".join([HEADER, "|---|--:|--:|--:|--:|", *rows])


def _row(name: str, public: Mapping[str, Any], private: Mapping[str, Any]) -> str:
    cells = [
        display_name(name),
        f"{public['accuracy']:.2%}",
        f"{private['accuracy']:.2%} [{private['low']:.1%}–{private['high']:.1%}]",
        without_twins(private),
        f"{private['macro_f1']:.3f}",
    ]
    return f"| {' | '.join(cells)} |"


def without_twins(scores: Mapping[str, Any]) -> str:
    """Return the accuracy on the images of which Training holds no copy; a dash where there are none."""
    return f"{scores['without_twins']['accuracy']:.2%}" if scores["without_twins"] else "–"
