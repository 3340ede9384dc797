"""Pictures → what their faces show → the lines and rows of the results: the same on one machine and on many."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from openfer.app import records
from openfer.app.picture_files import Found
from openfer.faces.batches import batches
from openfer.faces.order import left_to_right
from openfer.faces.pictures import PictureError, Reading, read_reduced
from openfer.faces.predictor import Expression, Predictor
from openfer.faces.records import error_cell, file_cell

MOST_AT_ONCE = 8
"""Pictures whose faces go through the network together."""


class Judged(NamedTuple):
    """A picture and what its faces show.

    Attributes:
        found: its file.
        reading: its pixels; None where it cannot be read.
        expressions: of its faces, from left to right, in the pixels of `reading`.
        error: why it cannot be read, in one line.
    """

    found: Found
    reading: Reading | None
    expressions: Sequence[Expression] = ()
    error: str = ""


def judged(pictures: Iterable[Judged], predictor: Predictor, crop: bool) -> Iterator[Judged]:
    """Yield every picture that was read with its faces, in order."""
    for group in batches(pictures, MOST_AT_ONCE, lambda one: one.reading.pixels.nbytes if one.reading else 0):
        pixels = [one.reading.pixels for one in group if one.reading]
        faces = iter([[one] for one in predictor.predict_crops(pixels)] if crop else predictor(pixels))
        for one in group:
            yield one._replace(expressions=left_to_right(next(faces))) if one.reading else one


def read(found: Found) -> Judged:
    """Read a picture; where that fails, say why."""
    if found.reason:
        return Judged(found, None, error=f"{found.file}: {found.reason}")
    try:
        return Judged(found, read_reduced(found.file))
    except PictureError as error:
        return Judged(found, None, error=str(error))


def line_of(judged: Judged, surprise: str | None) -> dict[str, Any]:
    """Return what is said of a picture, for JSON; places are in pixels of the file, whatever was read of them."""
    line: dict[str, Any] = {"file": str(judged.found.file)}
    if judged.reading:
        width, height = judged.reading.size
        full = [replace(one, face=one.face.moved(1 / judged.reading.reduced)) for one in judged.expressions]
        line |= {"width": width, "height": height, "faces": [records.record(one, surprise) for one in full]}
    return line | ({"error": judged.error} if judged.error else {})


def rows_of(line: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row a face; a picture without a face has one, too."""
    common = {"file": file_cell(line["file"]), "error": error_cell(line["file"], line.get("error", ""))}
    faces = enumerate(line.get("faces", []), start=1)
    return [common | {"face": number} | records.row(face) for number, face in faces] or [common]
