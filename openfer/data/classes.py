"""Classes: which expressions of the source are told apart, and which stand together as one.

A class is a name with its members, expressions of the source. FER2013's seven, each alone, are the default; a subset is
some of them, a group one name for several.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from openfer.data.table import IngestError, Table
from openfer.emotions import EMOTIONS, SPLITS

Classes = Mapping[str, Sequence[str]]
"""Name → members, in the order of the labels."""

SEVEN: Classes = {emotion: (emotion,) for emotion in EMOTIONS}
"""The seven of FER2013, each for itself."""

NAME = re.compile(r"\w(?:[\w -]{0,28}\w)?")
"""Of a class: it becomes a column of tables and the name of a folder."""

TAKEN = (
    *("actual", "confidence", "emotion", "error", "face", "file", "first_seconds", "frame", "frames", "height"),
    *("label_set", "last_seconds", "left", "person", "row", "seconds", "single_view", "top", "unsure", "usage"),
    *("valence", "width"),
)
"""Names of other columns in the same tables."""


def classes_of(emotions: Any) -> dict[str, tuple[str, ...]]:
    """Return the classes that `data.emotions` of params.yaml means.

    Args:
        emotions: a list, in the order of the labels, of names and of groups {name: [member, …]}; whatever else a file
            may hold is refused.

    Raises:
        ValueError: it is none, there are fewer than two, a name or member is there twice, or one is no good name.
    """
    if not isinstance(emotions, list | tuple):
        raise ValueError(f"must be a list of names and of groups {{name: [member, …]}}. Received: {emotions!r}")
    found = [_class(one) for one in emotions]
    _require_names([name for name, _ in found], "a name")
    _require_once([name for name, _ in found])
    _require_once([member for _, members in found for member in members])
    if len(found) < 2:
        raise ValueError(f"must name at least two classes, one alone tells nothing apart. Received: {emotions!r}")
    return dict(found)


def _class(one: Any) -> tuple[str, tuple[str, ...]]:
    """Return name and members of an item of the list."""
    if not isinstance(one, dict):
        return one, (one,)
    if len(one) != 1:
        raise ValueError(f"a group must be one name with its members, {{name: [member, …]}}. Received: {one!r}")
    ((name, members),) = one.items()
    if not isinstance(members, list | tuple) or not members:
        raise ValueError(f"{name} must have a list of members. Received: {members!r}")
    _require_names(members, f"a member of {name}")
    return name, tuple(members)


def _require_names(names: Sequence[Any], what: str) -> None:
    for name in names:
        if not isinstance(name, str) or not NAME.fullmatch(name) or name != name.lower():
            raise ValueError(f"{what} must be 1 to 30 small letters, digits, blanks, - or _. Received: {name!r}")
        if name in TAKEN or name.startswith("valence "):
            raise ValueError(f"{what} must be no name of another column of the tables. Received: {name!r}")


def _require_once(names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{twice[0]} stands there twice")


def expressions(classes: Classes) -> tuple[str, ...]:
    """Return what a source with these classes may hold: FER2013's seven, then the names that are not among them."""
    others = (member for members in classes.values() for member in members)
    return (*EMOTIONS, *dict.fromkeys(member for member in others if member not in EMOTIONS))


def is_seven(classes: Classes) -> bool:
    """Tell whether these are FER2013's seven in their order, each for itself."""
    return [(name, tuple(members)) for name, members in classes.items()] == list(SEVEN.items())


def grouped(table: Table, classes: Classes, source: str) -> Table:
    """Return the faces of a table that belong to a class, in their order, labelled by the place of their class.

    Args:
        table: as a reader returns it; `table.names` are the expressions of its labels.
        classes: those that are told apart.
        source: path of the source, named in errors.

    Raises:
        IngestError: the source holds no face of a member.
    """
    if is_seven(classes) and table.names == EMOTIONS:
        return table
    counts = dict(zip(table.names, np.bincount(table.labels, minlength=len(table.names)).tolist(), strict=True))
    for member in (member for members in classes.values() for member in members):
        if not counts.get(member):
            raise IngestError(f"{source} holds no face of {member!r}, which data.emotions names{hint(member, counts)}")
    place = {member: label for label, members in enumerate(classes.values()) for member in members}
    codes = np.array([place.get(name, len(classes)) for name in table.names], np.uint8)[table.labels]
    kept = codes < len(classes)
    return replace(
        table,
        images=table.images[kept],
        labels=codes[kept],
        split=None if table.split is None else table.split[kept],
        names=tuple(classes),
        left_out={name: count for name, count in counts.items() if count and name not in place},
    )


def hint(name: str, counts: Mapping[str, int]) -> str:
    """Return what may be meant by a name, and what there is."""
    there = [one for one, count in counts.items() if count]
    near = difflib.get_close_matches(name, there, n=1, cutoff=0.5)
    return f" (is {near[0]} meant?)" if near else f"; it has {', '.join(there) or 'none at all'}"


def require_every_class(table: Table, split: np.ndarray, source: str) -> None:
    """Refuse classes of one's own choice of which a split has no face.

    A data set of one's own may well lack one of FER2013's seven; whoever names classes wants each learned and measured.

    Args:
        table: as `grouped` returns it.
        split: (n,) codes of splits.
        source: path of the source.

    Raises:
        IngestError: a split has no face of a class.
    """
    if table.names == EMOTIONS:
        return
    for code, name in enumerate(SPLITS):
        for label, emotion in enumerate(table.names):
            if not ((split == code) & (table.labels == label)).any():
                raise IngestError(
                    f"{source}: no face of {emotion!r} is left in {name} ({int((split == code).sum()):,} faces of "
                    "other classes); leave it out of data.emotions, or add some"
                )


def described(classes: Classes) -> Iterator[str]:
    """Yield each class in words: "happy", "negative (angry, sad)"."""
    for name, members in classes.items():
        yield name if tuple(members) == (name,) else f"{name} ({', '.join(members)})"
