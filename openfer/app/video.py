"""Films → a row a face and frame, marked films, a timeline each, a row a person over all of them."""

import argparse
import contextlib
import json
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from openfer.app import people as table
from openfer.app import records
from openfer.app.containers import VideoError
from openfer.app.film_files import film_files
from openfer.app.frames import Video, Writer
from openfer.app.people import People
from openfer.app.sections import Looks
from openfer.app.timeline import timeline
from openfer.drawing.annotation import overlay
from openfer.drawing.lettering import counted
from openfer.faces.predictor import Expression, Predictor
from openfer.faces.records import file_cell
from openfer.faces.tracker import SHORTEST, Person, Tracker
from openfer.files import save_csv, save_figure

FRAME = ("file", "frame", "seconds", "person")
"""Columns of a row that say whose face of which frame it is."""

MOST_BYTES = 300_000_000
"""Of frames that wait until it is known who is a person; larger films are marked a little earlier."""

Judged = tuple[int, float, np.ndarray, list[tuple[int, Expression]] | None]
"""Number and seconds of a frame, its marked picture, its people; None where it was not looked at."""

LINES, TABLE, PEOPLE = "frames.jsonl", "frames.csv", "people.csv"
"""Names of the results of a run over films, beside those of each film."""

Followed = tuple[int, float, np.ndarray, list[tuple[int, Expression]], bool]
"""Number and seconds of a frame, its picture, its people or those of the frame before, whether it was looked at."""


def main(options: argparse.Namespace, predictor: Predictor) -> int:
    """Predict the faces of films; return 0 where all could be read, 1 where some could not, 2 where none could.

    Args:
        options: "files", "out", "json", "smooth", "every", "valence" as openfer/app/cli.py defines them.
        predictor: finds the faces and predicts what they show.
    """
    films, refused = _readable(film_files(options.files), options.json)
    if not films:
        return 2
    if options.out:
        records.require_unused(options.out, (LINES, TABLE, PEOPLE))
    out = options.out or (None if options.json else records.new_folder())
    with contextlib.ExitStack() as opened:
        total = sum(count for *_, count in films)
        bar = opened.enter_context(tqdm(total=total or None, unit="frame", disable=None))
        work = Work(options, predictor, out, bar, opened)
        for name, file, _ in films:
            work.film(name, file)
    if out:
        sys.stdout.write(work.line(refused) + "\n")
    return int(refused > 0)


@dataclass
class Work:
    """What a run does with one film after the other.

    Attributes:
        options: as in `main`.
        predictor: as in `main`.
        out: the folder of the results; None where there is none.
        bar: shows how far all films are.
        opened: closes at the end, after Ctrl-C, too, what all films share.
        results: the frames of all films.
        seen: (file, people) of each film so far.
    """

    options: argparse.Namespace
    predictor: Predictor
    out: Path | None
    bar: tqdm
    opened: contextlib.ExitStack
    results: records.Results | None = None
    seen: list[tuple[Path, People]] = field(default_factory=list)

    def film(self, name: Path, file: Path) -> None:
        """Predict the faces of a film; Ctrl-C ends it early, and its files are whole."""
        video, people = Video(file), People(self.predictor.model.emotions)
        self.seen.append((file, people))
        with contextlib.ExitStack() as opened:
            opened.enter_context(contextlib.closing(video))
            writer = None
            if self.out:
                writer = Writer(self._beside(name, "faces.mp4"), video.rate, video.size, sound=file)
                self._start()
                opened.callback(self._save_timeline, name, people)
                opened.enter_context(contextlib.closing(writer))
            tracker = tracker_of(video.rate, self.options.smooth, self.options.every)
            frames = judged(video, self.predictor, tracker, self.options.every)
            for number, seconds, drawn, found in opened.enter_context(contextlib.closing(frames)):
                if found is not None:
                    people.add(seconds, found)
                    self._tell_frame({"file": str(file), **record(number, seconds, found, self.options.valence)})
                if writer:
                    writer.write(drawn, seconds)
                self.bar.update()
        if not self.options.json:
            tqdm.write(_line(file, people), sys.stdout)
        if video.fault:
            tqdm.write(f"{file}: {video.fault}", sys.stderr)

    def _start(self) -> None:
        """Start the tables, once a film can be written."""
        if self.results is None:
            self.opened.callback(self._save_people)
            columns = (*FRAME, *records.columns(self.options.valence, self.predictor.model.emotions))
            self.results = records.Results(self.out / LINES, self.out / TABLE, columns)
            self.opened.enter_context(contextlib.closing(self.results))

    def _save_people(self) -> None:
        """Write a row for each person of each film; a film without one has a row, too."""
        rows = [
            {"file": file_cell(str(file))} | row
            for file, people in self.seen
            for row in people.summary(self.options.valence) or [{"frames": 0}]
        ]
        columns = ("file", *table.columns(self.options.valence, self.predictor.model.emotions))
        if self.out.exists():  # it was removed meanwhile
            save_csv(self.out / PEOPLE, [{column: row.get(column, "") for column in columns} for row in rows])

    def line(self, refused: int) -> str:
        """Return what was done, in one line."""
        summaries = [row for _, people in self.seen for row in people.summary()]
        faces = sum(row["frames"] for row in summaries)
        unsure = sum(row["frames"] * row["unsure"] for row in summaries) / max(1, faces)
        frames = sum(len(people.seconds) for _, people in self.seen)
        parts = [
            counted(len(self.seen), "film"),
            counted(frames, "frame"),
            counted(len(summaries), "person", "people"),
        ]
        if faces:
            parts.append(f"unsure in {unsure:.0%} of their frames")
        if refused:
            parts.append(f"{counted(refused, 'film')} could not be read")
        return ", ".join(parts) + f"; results in {self.out}"

    def _beside(self, name: Path, ending: str) -> Path:
        return self.out / name.with_name(f"{name.name}.{ending}")

    def _save_timeline(self, name: Path, people: People) -> None:
        if self.out.exists():
            save_figure(self._beside(name, "emotions.png"), timeline(people, name.name, self.options.valence))

    def _tell_frame(self, line: dict[str, Any]) -> None:
        if self.options.json:
            tqdm.write(json.dumps(line), sys.stdout)
        if self.results:
            self.results.add(line, rows_of(line))


def tracker_of(rate: float, smoothing: float = 0.0, every: float = 0.0) -> Tracker:
    """Return a tracker that knows people again after a second, or after two frames where these are further apart.

    Args:
        rate: frames a second of the film.
        smoothing: as in `Tracker`.
        every: as in `judged`.
    """
    step = max(1 / rate, every)
    return Tracker(gap=max(1.0, 2.5 * step), smoothing=smoothing, step=step)


def judged(
    frames: Iterable[tuple[int, float, np.ndarray]], predictor: Predictor, tracker: Tracker, every: float = 0.0
) -> Iterator[Judged]:
    """Yield (number, seconds, marked picture, people) of each frame, `SHORTEST` later than it comes.

    By then it is known who stays long enough to be a person. Where a frame is not looked at, people are None, and it
    is marked as the one before. In a film that is shorter than that everybody is a person.

    Args:
        frames: as `Video` yields them.
        predictor: finds the faces and predicts what they show.
        tracker: knows who is who.
        every: seconds from one frame that is looked at to the next; 0: look at all.
    """
    for number, seconds, picture, people, look in followed(frames, predictor, tracker, every):
        drawn = overlay(picture, [expression for _, expression in people], [f"#{person}" for person, _ in people])
        yield number, seconds, drawn, people if look else None


def followed(
    frames: Iterable[tuple[int, float, np.ndarray]], predictor: Predictor, tracker: Tracker, every: float = 0.0
) -> Iterator[Followed]:
    """Yield (number, seconds, picture, people, whether it was looked at) of each frame, as `judged` does."""
    waiting: deque[tuple[int, float, np.ndarray, Sequence[tuple[Person, Expression]], bool]] = deque()
    looks, found, first, seconds = Looks(every), (), None, 0.0
    for number, seconds, picture in frames:
        first = seconds if first is None else first
        look = looks(seconds)
        if look:
            found = tracker.update(predictor([picture])[0], seconds)
        waiting.append((number, seconds, picture, found, look))
        while seconds - waiting[0][1] >= SHORTEST or len(waiting) * picture.nbytes > MOST_BYTES:
            yield _settled(*waiting.popleft())
    if first is not None and seconds - first < SHORTEST:
        for *_, found, _ in waiting:
            for person, _ in found:
                tracker.confirm(person)
    while waiting:
        yield _settled(*waiting.popleft())


def _settled(
    number: int, seconds: float, picture: np.ndarray, found: Sequence[tuple[Person, Expression]], look: bool
) -> Followed:
    people = [(person.number, expression) for person, expression in found if person.number]
    return number, seconds, picture, people, look


def record(
    number: int, seconds: float, people: Sequence[tuple[int, Expression]], surprise: str | None
) -> dict[str, Any]:
    """Return what is known of a frame: its number, its time, its people."""
    faces = [{"person": person} | records.record(expression, surprise) for person, expression in people]
    return {"frame": number, "seconds": round(seconds, 3), "faces": faces}


def _readable(named: Iterable[tuple[Path, Path]], as_json: bool) -> tuple[list[tuple[Path, Path, int]], int]:
    """Return (name for its results, file, frames) of each film that can be read, and how many cannot; tell why."""
    films, refused = [], 0
    for name, file in named:
        try:
            with contextlib.closing(Video(file)) as video:
                films.append((name, file, video.count))
        except VideoError as error:
            refused += 1
            sys.stderr.write(f"{error}\n")
            if as_json:
                sys.stdout.write(json.dumps({"file": str(file), "error": str(error)}) + "\n")
    return films, refused


def rows_of(line: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a frame; one without a face has one, too."""
    when = {"file": file_cell(line["file"]), "frame": line["frame"], "seconds": line["seconds"]}
    return [when | {"person": face["person"]} | records.row(face) for face in line["faces"]] or [when]


def _line(file: Path, people: People) -> str:
    """Return what a person reads of a film."""
    shown = ", ".join(
        f"person {one['person']} {one['emotion']} ({counted(one['frames'], 'frame')}, {one['unsure']:.0%} unsure)"
        for one in people.summary()
    )
    return f"{file}: {counted(len(people.seconds), 'frame')}, {shown or 'no face'}"
