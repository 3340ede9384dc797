"""A video → a row a face and frame, an annotated video, a plot of emotions over time, a summary of each person."""

import argparse
import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from openfer.app import records
from openfer.app.frames import Video, Writer
from openfer.app.people import People
from openfer.app.timeline import timeline
from openfer.drawing.annotation import annotated
from openfer.faces.predictor import Expression, Predictor
from openfer.faces.tracker import Tracker
from openfer.files import save_figure, save_json


def main(options: argparse.Namespace, predictor: Predictor) -> int:
    """Judge every frame; Ctrl-C ends the work early, and all files are whole.

    Args:
        options: "file", "out", "json", "smooth", "group" as openfer/app/cli.py defines them.
        predictor: finds and judges the faces.
    """
    video = Video(options.file)
    out, name = options.out or (None if options.json else records.OUT), options.file.name
    people, frames = People(), tqdm(video, total=video.count or None, unit="frame", disable=None)
    with contextlib.ExitStack() as opened:
        if out:  # the film first: where it cannot be written, the files of an earlier run stay
            film = Writer(out / f"{name}.faces.mp4", video.rate, video.size, sound=options.file)
            opened.enter_context(contextlib.closing(film))
            opened.callback(_save, out, name, people)
            results = opened.enter_context(contextlib.closing(_results(out, name, options.group)))
        for number, seconds, drawn, found in judged(frames, predictor, tracker_of(video, options.smooth)):
            people.add(seconds, found)
            line = record(number, seconds, found, options.group)
            if options.json:
                tqdm.write(json.dumps(line), sys.stdout)
            if out:
                results.add(line, _rows(line))
                film.write(drawn, seconds)
    if not options.json:
        tqdm.write(_line(options.file, people), sys.stdout)
    if len(people.seconds) < 0.9 * video.count:  # estimated by the length of the sound in some kinds of files
        read = f"{len(people.seconds)} of about {video.count} frames"
        tqdm.write(f"{options.file}: {read} could be read; it may be cut off", sys.stderr)
    return 0


def tracker_of(video: Video, smoothing: float = 0.0) -> Tracker:
    """Return a tracker that knows people again after a second, in slow films after two frames."""
    return Tracker(gap=max(1.0, 2.5 / video.rate), smoothing=smoothing)


def judged(
    frames: Iterable[tuple[int, float, np.ndarray]], predictor: Predictor, tracker: Tracker
) -> Iterator[tuple[int, float, np.ndarray, list[tuple[int, Expression]]]]:
    """Yield (number, seconds, marked picture, people) of each frame.

    Args:
        frames: as `Video` yields them.
        predictor: finds and judges the faces.
        tracker: knows who is who.
    """
    for number, seconds, picture in frames:
        found = tracker.update(predictor([picture])[0], seconds)
        names = [f"#{person}" for person, _ in found]
        yield number, seconds, annotated(picture, [expression for _, expression in found], names), found


def record(
    number: int, seconds: float, people: Sequence[tuple[int, Expression]], surprise: str | None
) -> dict[str, Any]:
    """Return what is said of a frame: its number, its time, its people."""
    faces = [{"person": person} | records.record(expression, surprise) for person, expression in people]
    return {"frame": number, "seconds": round(seconds, 3), "faces": faces}


def _results(out: Path, name: str, surprise: str | None) -> records.Results:
    """Start the frames as JSON Lines and as a table, a row a face."""
    columns = ("frame", "seconds", "person", *records.columns(surprise))
    return records.Results(out / f"{name}.frames.jsonl", out / f"{name}.frames.csv", columns)


def _save(out: Path, name: str, people: People) -> None:
    """Write the summary of each person and the plot."""
    save_json(out / f"{name}.people.json", {"people": people.summary()})
    save_figure(out / f"{name}.emotions.png", timeline(people))


def _rows(line: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a frame; one without a face has one, too."""
    when = {"frame": line["frame"], "seconds": line["seconds"]}
    return [when | {"person": face["person"]} | records.row(face) for face in line["faces"]] or [when]


def _line(file: Path, people: People) -> str:
    """Return what a person reads of a video."""
    shown = ", ".join(f"#{one['person']} {one['emotion']} ({one['frames']} frames)" for one in people.summary())
    return f"{file}: {len(people.seconds)} frames, {shown or 'no face'}"
