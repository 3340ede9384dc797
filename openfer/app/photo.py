"""Photographs and folders of them → annotated pictures, a bar chart a face, faces.jsonl and faces.csv."""

import argparse
import io
import itertools
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from openfer.app import records
from openfer.drawing.charts import bar_chart
from openfer.drawing.annotation import annotated, label
from openfer.faces.pictures import PictureError, read_picture
from openfer.faces.predictor import Expression, Predictor
from openfer.files import save_bytes, save_figure

SUFFIXES = {".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
"""What counts as a picture in a folder; a file that is named is read whatever it is called."""

RESULT = re.compile(r"\.(faces\.jpg|face-\d+\.png)$")
"""How the names of the pictures end that the program writes."""

MOST_AT_ONCE, MOST_BYTES = 8, 100_000_000
"""Pictures whose faces go through the network together: so many, or until they take so much memory."""


def main(options: argparse.Namespace, predictor: Predictor) -> int:
    """Judge every picture; return 0 where all could be read, 1 where some could not, 2 where none could.

    Args:
        options: "files", "out", "json", "crop", "valence" as openfer/app/cli.py defines them.
        predictor: finds and judges the faces.
    """
    out = options.out or (None if options.json else records.OUT)
    files = list(_files(options.files, out))
    results = _results(out, options.valence) if out else None
    failed = 0
    try:
        for name, file, picture, expressions, error in tqdm(
            _judged(files, predictor, options.crop), total=len(files), unit="picture", disable=None
        ):
            found = {"file": str(file)}
            if picture is not None:
                found |= _record(picture, expressions, options.valence)
                error = _save(out / name, picture, expressions) if out else ""
            if error:
                found["error"] = error
                failed += 1
            if results:
                faces = enumerate(found.get("faces", []), start=1)
                results.add(found, [{"file": str(file), "face": number} | records.row(face) for number, face in faces])
            if options.json:
                tqdm.write(json.dumps(found), sys.stdout)
            elif error:
                tqdm.write(error, sys.stderr)
            else:
                tqdm.write(_line(file, expressions), sys.stdout)
    finally:  # after Ctrl-C, too, what there is is whole
        if results:
            results.close()
    return 2 if failed == len(files) else int(failed > 0)


def _results(out: Path, surprise: str | None) -> records.Results:
    """Start faces.jsonl, a line a picture, and faces.csv, a row a face (a picture without a face has none)."""
    return records.Results(out / "faces.jsonl", out / "faces.csv", ("file", "face", *records.columns(surprise)))


def _files(named: Iterable[Path], out: Path | None) -> Iterator[tuple[Path, Path]]:
    """Yield (name for its results, file) of every file, and of every picture in and below a folder.

    What an earlier run has written to `out` is no picture to be judged.

    A name that two files have is numbered, so that no result takes the place of another.
    """
    taken: set[Path] = set()
    for name, file in _found(named, out):
        free, number = name, 1
        while free in taken:
            number += 1
            free = name.with_name(f"{name.stem}-{number}{name.suffix}")
        taken.add(free)
        yield free, file


def _found(named: Iterable[Path], out: Path | None) -> Iterator[tuple[Path, Path]]:
    """Yield (path below what was named, file); a folder without a picture comes itself."""
    for path in named:
        if not _is_folder(path):
            yield Path(path.name), path
            continue
        inside = sorted(
            file
            for file in path.rglob("*")
            if file.suffix.lower() in SUFFIXES
            and not _is_folder(file)
            and not (out and RESULT.search(file.name) and file.resolve().is_relative_to(out.resolve()))
        )
        yield from ((file.relative_to(path), file) for file in inside)
        if not inside:
            yield Path(path.name), path


def _is_folder(path: Path) -> bool:
    """Tell whether a path is a folder; where Path.is_dir raises (no permission, a name too long), reading it will."""
    return os.path.isdir(path)  # noqa: PTH112


def _judged(
    files: Iterable[tuple[Path, Path]], predictor: Predictor, crop: bool
) -> Iterator[tuple[Path, Path, np.ndarray | None, list[Expression], str]]:
    """Yield (name for its results, file, picture, its faces, error) of each file, in order."""
    for group in _groups(files):
        pictures = [picture for *_, picture, _ in group if picture is not None]
        judged = iter([[one] for one in predictor.predict_crops(pictures)] if crop else predictor(pictures))
        for name, file, picture, error in group:
            yield name, file, picture, [] if picture is None else next(judged), error


def _groups(files: Iterable[tuple[Path, Path]]) -> Iterator[list[tuple[Path, Path, np.ndarray | None, str]]]:
    """Yield lists of (name for its results, file, picture, error) of files that are judged together."""
    group, bytes_read = [], 0
    for name, file in files:
        picture, error = _read(file)
        group.append((name, file, picture, error))
        bytes_read += 0 if picture is None else picture.nbytes
        if len(group) == MOST_AT_ONCE or bytes_read >= MOST_BYTES:
            yield group
            group, bytes_read = [], 0
    yield group


def _read(file: Path) -> tuple[np.ndarray | None, str]:
    if _is_folder(file):
        return None, f"{file}: the folder holds no picture ({', '.join(sorted(SUFFIXES))})"
    try:
        return read_picture(file), ""
    except PictureError as error:
        return None, str(error)


def _record(picture: np.ndarray, expressions: Sequence[Expression], surprise: str | None) -> dict[str, Any]:
    height, width = picture.shape[:2]
    faces = [records.record(expression, surprise) for expression in expressions]
    return {"width": width, "height": height, "faces": faces}


def _line(file: Path, expressions: Sequence[Expression]) -> str:
    """Return what a person reads of a file."""
    return f"{file}: {', '.join(map(label, expressions)) or 'no face'}"


def _save(path: Path, picture: np.ndarray, expressions: Sequence[Expression]) -> str:
    """Write the annotated picture and a chart of each face beside `path`, under names that begin with its name.

    Charts of an earlier run that found more faces are removed.

    Returns:
        What went wrong, in one line.
    """
    content = io.BytesIO()
    charts = (path.with_name(f"{path.name}.face-{number}.png") for number in itertools.count(1))
    try:
        Image.fromarray(annotated(picture, expressions)).save(content, "JPEG", quality=92)
        save_bytes(path.with_name(f"{path.name}.faces.jpg"), content.getvalue())
        for expression in expressions:
            save_figure(next(charts), bar_chart(expression))
        for stale in itertools.takewhile(Path.exists, charts):
            stale.unlink()
    except OSError as error:
        return f"{path}: the results cannot be written: {error.strerror or error}"
    return ""
