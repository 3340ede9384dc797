"""What a `Recognizer` returns: faces of a picture, results of many pictures, tables of both."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from openfer.api.inputs import Source
from openfer.drawing.annotation import annotated
from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.faces import records
from openfer.faces.predictor import Expression
from openfer.files import replacing, save_bytes

if TYPE_CHECKING:
    import pandas


def columns(emotions: Sequence[str] = EMOTIONS) -> tuple[str, ...]:
    """Return the columns of the table of faces.

    A picture without a face has a row in which only "file" is filled, or "file" and "error".

    Args:
        emotions: names of what the model tells apart.
    """
    return ("file", "face", *records.columns(emotions), "error")


@dataclass(frozen=True)
class RecognizedFace:
    """A face and what it shows.

    Attributes:
        expression: what the predictor found.
        label_set: whose labels the model learned: "fer2013", "crowd" for what most of ten people see, or "own".
    """

    expression: Expression
    label_set: str

    def __repr__(self) -> str:
        share = f"{self.expression.probabilities.max():.0%}"
        box = tuple(round(value, 1) for value in self.box)
        return f"<RecognizedFace {self.emotion}{'?' if self.unsure else ''} {share} box={box}>"

    def at(self, reduced: float) -> Expression:
        """Return what the predictor found, in the pixels of a picture that is reduced so many times."""
        return replace(self.expression, face=self.expression.face.moved(reduced))

    @property
    def emotion(self) -> str:
        """The most probable of the emotions that the model tells apart."""
        return self.expression.emotion

    @property
    def unsure(self) -> bool:
        """Whether the emotion is not to be relied on."""
        return self.expression.unsure

    @property
    def scores(self) -> dict[str, float]:
        """Calibrated probability of each emotion; they sum to 1."""
        return self.expression.shares

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height in pixels of the picture; may reach over its border."""
        return tuple(map(float, self.expression.face.box))

    @property
    def confidence(self) -> float:
        """That it is a face, from 0 to 1; means what the detector means by it."""
        return float(self.expression.face.confidence)

    @property
    def eyes(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """The eye on the left of the picture and the one on the right, x and y in pixels; None where not known."""
        eyes = self.expression.face.eyes
        return None if eyes is None else tuple((float(x), float(y)) for x, y in eyes)

    def to_dict(self) -> dict[str, Any]:
        """Return the face for JSON, in the keys of faces.jsonl, rounded, with the label set."""
        return records.record(self.expression) | {"label_set": self.label_set}


class Tables:
    """Tables of results: one row a face.

    Attributes:
        emotions: names of what the model tells apart.
    """

    emotions: tuple[str, ...] = EMOTIONS

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row of `columns` a face, numbered from 1 in each picture, and one for a picture without a face."""
        for result in self._results():
            yield from _rows(result, self.emotions)

    def to_csv(self, path: Path | str) -> Path:
        """Write the rows as CSV, whole or not at all; a stream is written as it comes.

        Raises:
            WriteError: the file cannot be written.
        """
        path = Path(path)
        with (
            replacing(path) as temporary,
            temporary.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file,
        ):
            table = csv.DictWriter(file, columns(self.emotions), lineterminator="\n")
            table.writeheader()
            table.writerows(self.rows())
        return path

    def to_df(self) -> "pandas.DataFrame":
        """Return the rows as a data frame.

        Raises:
            Refused: pandas is not installed.
        """
        try:
            import pandas
        except ModuleNotFoundError:
            raise Refused("to_df needs pandas: pip install pandas; to_csv works without") from None
        return pandas.DataFrame(list(self.rows()), columns=list(columns(self.emotions)))

    def _results(self) -> Iterable["Result"]:
        return self


@dataclass(frozen=True)
class Result(Tables):
    """A picture and its faces.

    Attributes:
        source: the picture as it was handed over; a file is read again where it is drawn on.
        faces: from left to right; often none.
        size: width and height of the picture in pixels; None where it could not be read.
        error: why it could not be read; "" where it could.
        emotions: names of what the model tells apart.
    """

    source: Source
    faces: Sequence[RecognizedFace] = ()
    size: tuple[int, int] | None = None
    error: str = ""
    emotions: tuple[str, ...] = EMOTIONS

    def __repr__(self) -> str:  # the source may hold a whole picture
        return f"<Result {self.file!r} {self.error or list(self.faces)}>"

    @property
    def file(self) -> str:
        """The path or address of the picture, or what kind of input it was."""
        return self.source.name

    def to_dict(self) -> dict[str, Any]:
        """Return the result for JSON: "file", "width", "height", "faces"; "file" and "error" where not read."""
        if self.size is None:
            return {"file": self.file, "error": self.error}
        width, height = self.size
        return {"file": self.file, "width": width, "height": height, "faces": [face.to_dict() for face in self.faces]}

    def plot(self) -> Image.Image:
        """Return the picture with its faces marked; numpy.asarray makes it an array (height, width, 3) uint8 RGB.

        Raises:
            Refused: the picture cannot be read (any more).
        """
        if self.size is None:
            raise Refused(self.error)
        picture = self.source.read()
        return Image.fromarray(annotated(picture.pixels, [face.at(picture.reduced) for face in self.faces]))

    def save(self, path: Path | str) -> Path:
        """Write the picture with its faces marked, whole or not at all; the name says the format, as .jpg or .png.

        Raises:
            Refused: no format has such a name.
            WriteError: the file cannot be written.
        """
        path, content = Path(path), io.BytesIO()
        kind = Image.registered_extensions().get(path.suffix.lower())
        if kind not in Image.SAVE:
            raise Refused(f"{path}: a picture is saved as .jpg, .png or .webp")
        self.plot().save(content, kind, quality=92)
        save_bytes(path, content.getvalue())
        return path

    def _results(self) -> Iterable["Result"]:
        return (self,)


class Results(list[Result], Tables):
    """Results of several pictures, in their order."""

    def __init__(self, results: Iterable[Result] = (), emotions: tuple[str, ...] = EMOTIONS) -> None:
        """Take the results, all of one model."""
        super().__init__(results)
        self.emotions = emotions


class Stream(Tables, Iterator[Result]):
    """Results of pictures that come one after another; the next picture is taken when the next result is."""

    def __init__(self, results: Iterator[Result], emotions: tuple[str, ...] = EMOTIONS) -> None:
        """Take the results of one model from an iterator."""
        self.results, self.emotions = results, emotions

    def __next__(self) -> Result:
        return next(self.results)


def _rows(result: Result, emotions: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    file = records.file_cell(result.file)
    if not result.faces:
        yield dict.fromkeys(columns(emotions)) | {"file": file, "error": records.error_cell(result.file, result.error)}
    for number, face in enumerate(result.faces, start=1):
        yield {"file": file, "face": number} | records.row(face.to_dict()) | {"error": None}
