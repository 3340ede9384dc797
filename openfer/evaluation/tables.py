"""The table of results, in Markdown: what the README and the demo show."""

from collections.abc import Mapping
from typing import Any

from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS
from openfer.evaluation.ensemble import display_name

PUBLIC, PRIVATE = SPLITS[PUBLIC_TEST], SPLITS[PRIVATE_TEST]


def results_table(public: Mapping[str, Any], private: Mapping[str, Any]) -> str:
    """Return one row per model and ensemble, on both evaluation splits.

    Args:
        public: "systems" of the evaluation of PublicTest, by name.
        private: those of PrivateTest.

    Returns:
        A Markdown table of accuracies in per cent; "without duplicates" is PrivateTest less the images of which
        Training holds a byte-identical copy, macro-F1 is that on PrivateTest.
    """
    header = f"| model | {PUBLIC} | {PRIVATE} [95 % interval] | without duplicates | macro-F1 |"
    rows = [
        _row(name, f"{public[name]['accuracy']:.2%}", with_interval(scores), without_duplicates(scores), macro(scores))
        for name, scores in private.items()
    ]
    return "\n".join([header, "|---|--:|--:|--:|--:|", *rows])


def public_table(public: Mapping[str, Any]) -> str:
    """Return one row per model and ensemble, on PublicTest alone."""
    header = f"| model | {PUBLIC} [95 % interval] | without duplicates | macro-F1 |"
    rows = [
        _row(name, with_interval(scores), without_duplicates(scores), macro(scores)) for name, scores in public.items()
    ]
    return "\n".join([header, "|---|--:|--:|--:|", *rows])


def _row(name: str, *cells: str) -> str:
    return f"| {' | '.join([display_name(name), *cells])} |"


def with_interval(scores: Mapping[str, Any]) -> str:
    """Return the accuracy with its 95 % interval."""
    return f"{scores['accuracy']:.2%} [{scores['low']:.1%}–{scores['high']:.1%}]"


def without_duplicates(scores: Mapping[str, Any]) -> str:
    """Return the accuracy on the images of which Training holds no copy; a dash where there are none."""
    return f"{scores['without_duplicates']['accuracy']:.2%}" if scores["without_duplicates"] else "–"


def macro(scores: Mapping[str, Any]) -> str:
    """Return macro-F1."""
    return f"{scores['macro_f1']:.3f}"
