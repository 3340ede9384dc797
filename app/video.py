"""A video → a row a face and frame, an annotated video, a plot of emotions over time, a summary of each person."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from app import records
from app.charts import timeline
from app.drawing import annotated
from app.frames import Video, Writer
from fer.artifacts import save_csv, save_figure, save_json
from fer.emotions import EMOTIONS
from fer.predictor import Predictor
from fer.tracks import Tracker


def main(options: argparse.Namespace, predictor: Predictor) -> int:
    """Judge every frame; Ctrl-C ends the work early, and all files are whole.

    Args:
        options: "file", "out", "json", "smooth", "group" as app/__main__.py defines them.
        predictor: finds and judges the faces.
    """
    video = Video(options.file)
    out, stem = options.out or (None if options.json else records.OUT), options.file.stem
    writer = Writer(out / f"{stem}.faces.mp4", video.rate, video.size, sound=options.file) if out else None
    tracker, frames = Tracker(smoothing=options.smooth), []
    try:
        for number, seconds, picture in tqdm(video, total=video.count or None, unit="frame", disable=None):
            people = tracker.update(predictor([picture])[0], seconds)
            frames.append(record(number, seconds, people, options.group))
            if options.json:
                tqdm.write(json.dumps(frames[-1]), sys.stdout)
            if writer:
                names = [f"#{person}" for person, _ in people]
                writer.write(annotated(picture, [expression for _, expression in people], names))
    finally:
        if writer:
            writer.close()
            _save(out, stem, frames)
    if not options.json:
        tqdm.write(_line(options.file, frames), sys.stdout)
    return 0


def summary(frames: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what is known of each person: when seen, in how many frames, mean probabilities, shares of emotions.

    Args:
        frames: as written to frames.jsonl.
    """
    seen: dict[int, list[tuple[float, Mapping[str, Any]]]] = {}
    for frame in frames:
        for face in frame["faces"]:
            seen.setdefault(face["person"], []).append((frame["seconds"], face))
    people = []
    for person, faces in sorted(seen.items()):
        shown = [face["emotion"] for _, face in faces]
        means = np.mean([[face["probabilities"][name] for name in EMOTIONS] for _, face in faces], axis=0)
        people.append(
            {
                "person": person,
                "first_seconds": faces[0][0],
                "last_seconds": faces[-1][0],
                "frames": len(faces),
                "emotion": max(EMOTIONS, key=shown.count),
                "share_of_frames": {name: round(shown.count(name) / len(shown), 4) for name in EMOTIONS},
                "mean_probabilities": dict(zip(EMOTIONS, means.round(4).tolist(), strict=True)),
            }
        )
    return people


def record(
    number: int, seconds: float, people: Sequence[tuple[int, Any]], surprise: str | None = None
) -> dict[str, Any]:
    """Return what is said of a frame: its number, its time, its people."""
    faces = [{"person": person} | records.record(expression, surprise) for person, expression in people]
    return {"frame": number, "seconds": round(seconds, 3), "faces": faces}


def _save(out: Path, stem: str, frames: Sequence[dict[str, Any]]) -> None:
    """Write the frames as JSON Lines and as a table (a frame without a face is a row, too), summary and plot."""
    records.save_lines(out / f"{stem}.frames.jsonl", frames)
    empty = dict.fromkeys(("frame", "seconds", "person", *records.COLUMNS))
    rows = [
        {"frame": frame["frame"], "seconds": frame["seconds"], "person": face.get("person")}
        | (records.row(face) if face else {})
        for frame in frames
        for face in frame["faces"] or [{}]
    ]
    columns = max(rows, key=len, default=empty)
    save_csv(out / f"{stem}.frames.csv", [dict.fromkeys(columns) | row for row in rows] or [empty])
    save_json(out / f"{stem}.people.json", {"people": summary(frames)})
    save_figure(out / f"{stem}.emotions.png", timeline(frames))


def _line(file: Path, frames: Sequence[Mapping[str, Any]]) -> str:
    """Return what a person reads of a video."""
    people = summary(frames)
    shown = ", ".join(f"#{person['person']} {person['emotion']} ({person['frames']} frames)" for person in people)
    return f"{file}: {len(frames)} frames, {shown or 'no face'}"
