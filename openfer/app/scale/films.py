"""What a worker does with films: reads one, or looks at a section of it, or follows people through all sections.

To look takes the time, and needs nothing of the frames before; to follow takes all frames, and next to no time. So only
the looking is shared out, and people, numbers and averages over time are those of the film as a whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from zlib import crc32

import av
import numpy as np
import pyarrow as pa

from openfer.app.containers import VideoError
from openfer.app.frames import Video
from openfer.app.scale.places import UnreachableError, is_passing, reached
from openfer.app.scale.worker import Reader, Row, local, refusal, together
from openfer.app.sections import SEAM, Looks, Section, checksum, sections
from openfer.app.video import followed, record, rows_of, tracker_of
from openfer.errors import one_line
from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression
from openfer.faces.records import PLACE

Frames = Iterable[tuple[int, float, Any]]
"""Number, seconds and picture of each frame, or what stands for the picture."""


@dataclass(frozen=True)
class Read:
    """Reads a film.

    Attributes:
        file: path or address.
        whole: whether it is not to be cut, however long it is.
    """

    file: str
    whole: bool = False

    def __call__(self, reader: Reader) -> pa.Table | list[Section]:
        """Return its rows, or the sections in which it is to be looked at."""
        with local(self.file, reader.job.base) as path:
            try:
                cut = [] if self.whole else sections(path, reader.job.longest, reader.job.how["every"])
            except (VideoError, OSError, av.FFmpegError):
                cut = []
            return cut or together(self._rows(reader, path), reader.job.columns)

    def _rows(self, reader: Reader, path: Any) -> Iterator[Row]:
        try:
            video = reached(lambda: Video(path), self.file)
        except (VideoError, OSError) as error:
            yield refusal(self.file, str(error).removeprefix(f"{path}: "))
            return
        with closing(video):
            yield from _followed(reader, self.file, video, reader.predictor, video.rate)
        if is_passing(video.ended_by):
            raise UnreachableError(f"{self.file} cannot be reached: {one_line(video.ended_by)}")
        if video.fault:
            yield refusal(self.file, video.fault)


class Looked(NamedTuple):
    """What was seen in a section of a film.

    Attributes:
        faces: a row a face, frame after frame; one without a face has a row, too.
        rate: frames a second of the film.
        nbytes: of a picture.
        first: checksum of the first `SEAM` pictures.
        after: likewise of those after the section.
        right: whether it has the frames, at the times, that it was to have.
    """

    faces: pa.Table
    rate: float
    nbytes: int
    first: int
    after: int
    right: bool


@dataclass(frozen=True)
class Look:
    """Looks at a section of a film."""

    file: str
    section: Section

    def __call__(self, reader: Reader) -> Looked:
        """Return what is seen there."""
        with local(self.file, reader.job.base) as path, closing(Video(path)) as video:
            nbytes = video.first[1].nbytes
            if self.section.number:
                video.go_to(self.section.stamp, self.section.number, self.section.seconds)
            checked = _Checked(self.section, video)
            faces = together(self._rows(reader, checked), _columns(reader))
            right = checked.right and not video.damaged
            return Looked(faces, video.rate, nbytes, checked.first, checked.after, right)

    def _rows(self, reader: Reader, frames: Frames) -> Iterator[Row]:
        looks, emotions = Looks(reader.job.how["every"], self.section.due), reader.predictor.model.emotions
        for number, seconds, picture in frames:
            when = {"frame": number, "seconds": seconds}
            faces = reader.predictor([picture])[0] if looks(seconds) else []
            yield from (when | _row(one, emotions) for one in faces)
            if not faces:
                yield when


class _Checked:
    """Yields the frames of a section; knows afterwards whether they are what they were to be."""

    def __init__(self, section: Section, frames: Frames) -> None:
        self.section, self.frames = section, frames
        self.first = self.after = 0
        self.right = False

    def __iter__(self) -> Iterator[tuple[int, float, np.ndarray]]:
        section, times, number = self.section, 0, -1
        for number, seconds, picture in self.frames:
            if number < section.number + SEAM:
                self.first = crc32(picture, self.first)
            if number >= section.end:
                self.after = crc32(picture, self.after)
            else:
                yield number, seconds, picture
            times = checksum(seconds, times)
            if number + 1 == section.end + SEAM:
                break
        self.right = times == section.times and number + 1 == section.stop


@dataclass(frozen=True)
class Follow:
    """Follows people through a film of which all sections were looked at."""

    file: str
    looked: Sequence[Looked]

    def __call__(self, reader: Reader) -> pa.Table:
        """Return the rows of the film."""
        rows = _followed(reader, self.file, self._frames(reader), lambda found: [found[0].faces], self.looked[0].rate)
        return together(rows, reader.job.columns)

    def _frames(self, reader: Reader) -> Iterator[tuple[int, float, "_Recalled"]]:
        rows = (row for one in self.looked for batch in one.faces.to_batches(10_000) for row in batch.to_pylist())
        for (number, seconds), faces in groupby(rows, lambda row: (row["frame"], row["seconds"])):
            seen = [_expression(row, reader) for row in faces if row["confidence"] is not None]
            yield number, seconds, _Recalled(self.looked[0].nbytes, seen)


class _Recalled(NamedTuple):
    """Stands for a picture that was looked at."""

    nbytes: int
    faces: list[Expression]


def joined(looked: Sequence[Looked]) -> bool:
    """Tell whether sections fit together: each begins with the pictures that the one before has after its end."""
    return all(one.after == other.first for one, other in pairwise(looked))


def _followed(
    reader: Reader, file: str, frames: Frames, predictor: Callable[[Sequence[Any]], list[list[Expression]]], rate: float
) -> Iterator[Row]:
    """Yield the rows of the frames of a film."""
    every, smooth, surprise = reader.job.how["every"], reader.job.how["smooth"], reader.job.valence
    for number, seconds, _, people, look in followed(frames, predictor, tracker_of(rate, smooth, every), every):
        if look:
            yield from rows_of({"file": file, **record(number, seconds, people, surprise)})


def _columns(reader: Reader) -> tuple[str, ...]:
    """Return the columns of what is seen in a section: all that rows and the following of people need, unrounded."""
    return ("frame", "seconds", *PLACE, "confidence", "contrast", *reader.predictor.model.emotions)


def _row(one: Expression, emotions: Sequence[str]) -> dict[str, float]:
    place = dict(zip(PLACE, one.face.box, strict=True))
    shares = dict(zip(emotions, one.probabilities.tolist(), strict=True))
    return place | {"confidence": one.face.confidence, "contrast": one.contrast} | shares


def _expression(row: Mapping[str, float], reader: Reader) -> Expression:
    """Return what `_row` made a row of, but for the eyes, which nothing here needs."""
    model = reader.predictor.model
    face = Face(tuple(row[name] for name in PLACE), row["confidence"])
    shares = np.array([row[name] for name in model.emotions])
    return Expression(face, shares, model.facts["unsure_below"], row["contrast"], model.emotions)
