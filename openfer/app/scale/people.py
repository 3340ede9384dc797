"""The people of films, counted out of the rows of their frames: what people.csv has, whoever read the films."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from openfer.app import people
from openfer.app.scale.tables import TYPES, table_of
from openfer.app.valence import VALENCES

TYPES_HERE = TYPES | {"frames": pa.int64(), "unsure": pa.float64()}
"""Of the columns: here, unsure is a share of frames."""

PERSON = ["file", "person"]

Row = dict[str, Any]


class Seen:
    """Everybody in the films of a run: a row a person, so that memory grows with these and not with the frames.

    Attributes:
        emotions: names of what the model tells apart.
        surprise: its valence, where valence is asked for, as in `records.record`.
        rows: of the films so far.
    """

    def __init__(self, emotions: Sequence[str], surprise: str | None) -> None:
        self.emotions, self.surprise, self.rows = emotions, surprise, list[Row]()

    @property
    def needed(self) -> list[str]:
        """Columns of the rows of frames that are needed."""
        return [*PERSON, "seconds", "emotion", "unsure", "error", *(["valence"] if self.surprise else [])]

    def add(self, frames: pa.Table) -> None:
        """Add all rows of some films; one without a person has a row, one that could not be read has none."""
        read = frames.filter(pc.is_null(frames["error"]))
        people_of = {file: [] for file in read["file"].to_pylist()}
        for file, row in self._people(read.filter(pc.is_valid(read["person"]))):
            people_of[file].append(row)
        for file, rows in people_of.items():
            rows.sort(key=lambda row: row["person"])
            self.rows += [{"file": file} | row for row in rows or [{"frames": 0}]]

    def _people(self, faces: pa.Table) -> Iterator[tuple[str, Row]]:
        """Yield (file, row) of each person."""
        emotions = _counts(faces, "emotion")
        valences = _counts(faces, "valence") if self.surprise else {}
        grouped = faces.group_by(PERSON, use_threads=False)
        for one in grouped.aggregate([("seconds", "min"), ("seconds", "max"), ("unsure", "mean")]).to_pylist():
            key = one["file"], one["person"]
            yield (
                one["file"],
                people.summary_of(
                    one["person"],
                    (one["seconds_min"], one["seconds_max"]),
                    one["unsure_mean"],
                    {name: emotions[key].get(name, 0) for name in self.emotions},
                    {name: valences[key].get(name, 0) for name in VALENCES} if self.surprise else None,
                ),
            )

    def table(self) -> pa.Table:
        """Return the rows of all films."""
        return table_of(self.rows, ("file", *people.columns(self.surprise, self.emotions)), TYPES_HERE)


def _counts(faces: pa.Table, column: str) -> dict[tuple[str, int], dict[str, int]]:
    """Return in how many frames each person shows each value of a column."""
    found: dict[tuple[str, int], dict[str, int]] = {}
    for one in faces.group_by([*PERSON, column], use_threads=False).aggregate([([], "count_all")]).to_pylist():
        found.setdefault((one["file"], one["person"]), {})[one[column]] = one["count_all"]
    return found
