"""Tables in Markdown that can be read as plain text, too; the table of results of the README and the demo."""

from collections.abc import Mapping, Sequence
from typing import Any

from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS
from openfer.evaluation.ensemble import display_name

PUBLIC, PRIVATE = SPLITS[PUBLIC_TEST], SPLITS[PRIVATE_TEST]

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def by_split(public: Any, private: Any | None) -> dict[str, Any]:
    """Return what is known of both evaluation splits, or of PublicTest alone, by the name of the split."""
    return {PUBLIC: public} | ({PRIVATE: private} if private else {})


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown, the first column aligned to the left, the others to the right.

    Args:
        rows: of cells, the header first.
    """
    widths = [max(3, *map(len, column)) for column in zip(*rows, strict=True)]  # at least the rule's three characters
    lines = [[row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in rows]
    lines.insert(1, ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def results_table(public: Mapping[str, Any], private: Mapping[str, Any]) -> str:
    """Return one row per model and ensemble, on both evaluation splits.

    Args:
        public: "systems" of the evaluation of PublicTest, by name.
        private: those of PrivateTest.

    Returns:
        A Markdown table of accuracies in per cent; "without duplicates" is PrivateTest less the images of which
        Training holds a byte-identical copy, macro-F1 is that on PrivateTest.
    """
    rows = [
        [display_name(name), accuracy(public[name]), with_interval(scores), without_duplicates(scores), macro(scores)]
        for name, scores in private.items()
    ]
    return markdown([["model", PUBLIC, f"{PRIVATE} [95 % interval]", "without duplicates", "macro-F1"], *rows])


def public_table(public: Mapping[str, Any]) -> str:
    """Return one row per model and ensemble, on PublicTest alone."""
    rows = [
        [display_name(name), with_interval(scores), without_duplicates(scores), macro(scores)]
        for name, scores in public.items()
    ]
    return markdown([["model", f"{PUBLIC} [95 % interval]", "without duplicates", "macro-F1"], *rows])


def accuracy(scores: Mapping[str, Any]) -> str:
    """Return the accuracy in per cent."""
    return f"{scores['accuracy']:.2%}"


def interval(scores: Mapping[str, Any]) -> str:
    """Return the 95 % interval of the accuracy."""
    return f"{scores['low']:.1%}–{scores['high']:.1%}"


def with_interval(scores: Mapping[str, Any]) -> str:
    """Return the accuracy with its 95 % interval."""
    return f"{accuracy(scores)} [{interval(scores)}]"


def without_duplicates(scores: Mapping[str, Any]) -> str:
    """Return the accuracy on the images of which Training holds no copy; a dash where there are none."""
    return accuracy(scores["without_duplicates"]) if scores["without_duplicates"] else "–"


def macro(scores: Mapping[str, Any]) -> str:
    """Return macro-F1."""
    return f"{scores['macro_f1']:.3f}"


def in_words(number: int) -> str:
    """Return a small number as a word, a larger one in digits."""
    return WORDS[number] if number < len(WORDS) else str(number)


def data_source(data: Mapping[str, Any]) -> str:
    """Name the file that figures come from, with its checksum and what it is.

    Args:
        data: what `data.provenance` tells of the source: "source", "sha256", "md5" and "recognised_as".
    """
    checksum = f"MD5 {data['md5']}" if data["md5"] else f"SHA-256 {data['sha256']}"
    return f"{data['source']} ({checksum}), {data['recognised_as'] or 'none of the published files'}"
