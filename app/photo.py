"""Photographs and folders of them → annotated pictures, a bar chart a face, faces.jsonl and faces.csv."""

import argparse
import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from app import records
from app.charts import bar_chart
from app.drawing import annotated, label
from fer.artifacts import replacing, save_csv, save_figure
from fer.emotions import IMAGE_SIZE
from fer.errors import Refused
from fer.pictures import PictureError, read_picture
from fer.predictor import Expression, Predictor

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
"""What counts as a picture in a folder; a file that is named is read whatever it is called."""

AT_ONCE = 8
"""Pictures whose faces go through the network together."""


def main(options: argparse.Namespace, predictor: Predictor) -> int:
    """Judge every picture; return 1 where one could not be read, else 0.

    Args:
        options: "files", "out", "json", "crop", "group" as app/__main__.py defines them.
        predictor: finds and judges the faces.

    Raises:
        Refused: a folder holds no picture.
    """
    files = list(_files(options.files))
    out = options.out or (None if options.json else records.OUT)
    found: list[dict[str, Any]] = []
    try:
        for name, file, picture, expressions, error in tqdm(
            _judged(files, predictor, options.crop), total=len(files), unit="picture", disable=None
        ):
            found.append({"file": str(file)} | ({"error": error} if error else {}))
            if picture is not None:
                found[-1] |= _record(picture, expressions, options.group)
                if out:
                    _save(out / name, picture, expressions)
            tqdm.write(json.dumps(found[-1]) if options.json else _line(file, expressions, error), sys.stdout)
    finally:  # after Ctrl-C, too, what there is is whole
        if out and found:
            _save_tables(out, found)
    return int(any("error" in record for record in found))


def _files(named: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield (name for its results, file) of every file, and of every picture in and below a folder."""
    for path in named:
        if not path.is_dir():
            yield Path(path.name), path
            continue
        inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        if not inside:
            raise Refused(f"{path}: the folder holds no picture ({', '.join(sorted(SUFFIXES))})")
        yield from ((file.relative_to(path), file) for file in inside)


def _judged(
    files: Sequence[tuple[Path, Path]], predictor: Predictor, crop: bool
) -> Iterator[tuple[Path, Path, np.ndarray | None, list[Expression], str]]:
    """Yield (name for its results, file, picture, its faces, error) of each file, in order."""
    for start in range(0, len(files), AT_ONCE):
        some = files[start : start + AT_ONCE]
        read = [_read(file) for _, file in some]
        pictures = [picture for picture, _ in read if picture is not None]
        judged = iter(_as_crops(pictures, predictor) if crop else predictor(pictures))
        for (name, file), (picture, error) in zip(some, read, strict=True):
            yield name, file, picture, [] if picture is None else next(judged), error


def _read(file: Path) -> tuple[np.ndarray | None, str]:
    try:
        return read_picture(file), ""
    except PictureError as error:
        return None, str(error)


def _as_crops(pictures: Sequence[np.ndarray], predictor: Predictor) -> list[list[Expression]]:
    """Judge pictures that are faces already."""
    size = (IMAGE_SIZE, IMAGE_SIZE)
    crops = [
        cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
        for picture in pictures
    ]
    return [[expression] for expression in predictor.judge_crops(np.reshape(crops, (-1, *size)).astype(np.uint8))]


def _record(picture: np.ndarray, expressions: Sequence[Expression], surprise: str | None) -> dict[str, Any]:
    height, width = picture.shape[:2]
    faces = [records.record(expression, surprise) for expression in expressions]
    return {"width": width, "height": height, "faces": faces}


def _line(file: Path, expressions: Sequence[Expression], error: str) -> str:
    """Return what a person reads of a file."""
    return error or f"{file}: {', '.join(map(label, expressions)) or 'no face'}"


def _save(path: Path, picture: np.ndarray, expressions: Sequence[Expression]) -> None:
    """Write the annotated picture and a chart of each face beside `path`, under names that begin with its name."""
    content = io.BytesIO()
    Image.fromarray(annotated(picture, expressions)).save(content, "JPEG", quality=92)
    with replacing(path.with_name(f"{path.name}.faces.jpg")) as temporary:
        temporary.write_bytes(content.getvalue())
    for number, expression in enumerate(expressions, start=1):
        save_figure(path.with_name(f"{path.name}.face-{number}.png"), bar_chart(expression))


def _save_tables(out: Path, found: Sequence[dict[str, Any]]) -> None:
    """Write faces.jsonl, a line a picture, and faces.csv, a row a face (a picture without a face has none)."""
    records.save_lines(out / "faces.jsonl", found)
    rows = [
        {"file": record["file"], "face": number} | records.row(face)
        for record in found
        for number, face in enumerate(record.get("faces", []), start=1)
    ]
    save_csv(out / "faces.csv", rows or [dict.fromkeys(("file", "face", *records.COLUMNS))])
