"""What the page says of faces, as HTML: a headline, the marked picture, percentages, a table to take along."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from openfer.drawing.lettering import counted
from openfer.drawing.palette import Colour, colours
from openfer.faces.predictor import Expression

MOST_CARDS = 6
"""Faces whose percentages are drawn; the table has all."""

MOST_SAID = 2
"""Faces that the headline says one by one; of more it fills a phone's screen and pushes the picture out of sight."""

EMPTY = ""
"""What a result shows before there is one."""


def said(expression: Expression) -> str:
    """Return what a face shows in words: "happy 93 %", or "unsure, most like angry 33 %"."""
    share = f"{expression.emotion} {expression.probabilities.max() * 100:.0f} %"
    return f"unsure, most like {share}" if expression.unsure else share


def headline(expressions: Sequence[Expression]) -> str:
    """Return what a picture shows in one line of plain text."""
    if not expressions:
        return "No face was found"
    if len(expressions) == 1:
        return said(expressions[0]).capitalize()
    if len(expressions) > MOST_SAID:
        count = sum(expression.unsure for expression in expressions)
        unsure = f", {count} of them unsure" if count else ""
        counts = Counter(expression.emotion for expression in expressions).most_common()
        shown = ", ".join(f"{number} {emotion}" for emotion, number in counts)
        return f"{len(expressions)} faces{unsure}: {shown}"
    return "; ".join(f"{number}: {said(expression)}" for number, expression in enumerate(expressions, start=1))


def described(what: str, expressions: Sequence[Expression]) -> str:
    """Return the text that stands for a marked picture.

    Args:
        what: it is, as "The photograph".
        expressions: its faces.
    """
    faces = [f"face {number}: {said(expression)}" for number, expression in enumerate(expressions, start=1)]
    return f"{what} with {counted(len(faces), 'face')} marked. {'; '.join(faces)}".strip(" .") + "."


def refusal(reason: str) -> str:
    """Return a line that says why there is no result; it is read out, and stays until there is another result."""
    return f'<p class="result refused" role="alert">{escape(reason[:1].upper() + reason[1:])}</p>'


def result(title: str, *parts: str) -> str:
    """Return a result: its headline, then its parts, which are HTML already."""
    return f'<div class="result"><h2 class="headline">{escape(title)}</h2>{"".join(parts)}</div>'


def picture(address: str, text: str) -> str:
    """Return a picture with the text that stands for it."""
    return f'<img class="marked" src="{escape(address)}" alt="{escape(text)}" decoding="sync">'


def note(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{escape(text)}</p>"


def cards(expressions: Sequence[Expression], names: Sequence[str]) -> str:
    """Return the percentages of some faces as bars."""
    pairs = list(zip(expressions, names, strict=True))[:MOST_CARDS]
    return f'<div class="cards">{"".join(bars(one, f"{name}: {said(one)}") for one, name in pairs)}</div>'


def bars(expression: Expression, title: str) -> str:
    """Return the percentages of a face, the largest first."""
    shares, shades = sorted(expression.shares.items(), key=lambda pair: -pair[1]), colours(expression.emotions)
    lines = "".join(_bar(emotion, share, shades[emotion]) for emotion, share in shares)
    return f'<section class="card"><h3>{escape(title)}</h3><ul class="bars">{lines}</ul></section>'


def _bar(emotion: str, share: float, shade: Colour) -> str:
    colour, percent = "rgb({}, {}, {})".format(*shade), f"{share * 100:.0f}"
    filled = f'<span class="filled" style="width: {percent}%; background: {colour}"></span>'
    name, track = f"<span>{escape(emotion)}</span>", f'<span class="track">{filled}</span>'
    return f'<li>{name}{track}<span class="share">{percent} %</span></li>'


def table(caption: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows of the same keys as a table that scrolls sideways where the screen is narrow."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{escape(_shown(value))}</td>' for value in row.values())}</tr>" for row in rows)
    return (
        f'<div class="table" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def download(address: str, name: str) -> str:
    """Return a link that saves a file."""
    return f'<p><a class="download" href="{escape(address)}" download="{escape(name)}">Save the table (CSV)</a></p>'


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows of the same keys as CSV in UTF-8."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.0%}".replace("%", " %") if isinstance(value, float) and 0 <= value <= 1 else str(value)
