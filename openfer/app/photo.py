"""Photographs and folders of them → marked pictures, faces.jsonl, faces.csv, an overview of many."""

import argparse
import io
import json
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm import tqdm

from openfer.app import judging, records
from openfer.app.judging import Judged
from openfer.app.picture_files import picture_files
from openfer.drawing.annotation import annotated
from openfer.drawing.charts import bar_chart
from openfer.drawing.lettering import counted, label
from openfer.drawing.overview import Overview
from openfer.faces.folders import LINES, OVERVIEW, TABLE
from openfer.faces.predictor import Predictor
from openfer.files import save_bytes

CROP = 96
"""Pixels of both sides up to which a picture may be a face that somebody has cut out."""


@dataclass
class Tally:
    """What was done.

    Attributes:
        skipped: files that could not be read, or whose results could not be written.
        small: pictures in which there may be nothing but a face.
        overview: of all others, and of their faces.
    """

    skipped: int = 0
    small: int = 0
    overview: Overview = field(default_factory=Overview)

    def add(self, judged: Judged) -> None:
        """Count a picture."""
        if judged.error:
            self.skipped += 1
        else:
            self.small += max(judged.reading.size) <= CROP
            self.overview.add(judged.reading.pixels, judged.expressions, judged.found.name.stem)

    def line(self, out: Path | None) -> str:
        """Return what a person reads at the end; `out` is where the results are."""
        pictures, faces = counted(self.overview.pictures, "picture"), counted(self.overview.faces.total(), "face")
        where = f"; results in {out}" if out else ""
        return f"{pictures}, {faces} ({self.overview.unsure.total()} unsure), {self.skipped} skipped{where}"

    def hint(self) -> str:
        """Return advice where the pictures look as if they were faces that somebody has cut out."""
        if 2 * self.small <= self.overview.pictures:
            return ""
        few = f"{counted(self.small, 'picture')} of at most {CROP} × {CROP} pixels"
        return f"{few}: if these are faces already, cut out as in FER2013, use --crop"


def main(options: argparse.Namespace, predictor: Predictor) -> int:
    """Judge every picture; return 0 where all could be read, 1 where some could not, 2 where none could.

    Args:
        options: "files", "out", "json", "crop", "charts", "valence" as openfer/app/cli.py defines them.
        predictor: finds and judges the faces.
    """
    surprise, files = options.valence, list(picture_files(options.files))
    out, emotions = _folder(options), predictor.model.emotions
    columns = ("file", "face", *records.columns(surprise, emotions), "error")
    results = records.Results(out / LINES, out / TABLE, columns) if out else None
    tally = Tally(overview=Overview(emotions))
    try:
        pictures = judging.judged(map(judging.read, files), predictor, options.crop)
        for judged in tqdm(pictures, total=len(files), unit="picture", disable=None):
            if out and judged.reading:
                judged = judged._replace(error=_save(out / judged.found.name, judged, options.charts))
            tally.add(judged)
            line = judging.line_of(judged, surprise)
            if results:
                results.add(line, judging.rows_of(line))
            _tell(judged, line if options.json else None)
    finally:  # after Ctrl-C, too, what there is is whole
        if results:
            results.close()
    _finish(tally, out, options)
    return 2 if tally.skipped == len(files) else int(tally.skipped > 0)


def _folder(options: argparse.Namespace) -> Path | None:
    """Return the folder of the results: that of --out, where nothing is overwritten, or a new one.

    Raises:
        Refused: another run has left its results there.
    """
    if options.out is None:
        return None if options.json else records.new_folder()
    records.require_unused(options.out, (LINES, TABLE, OVERVIEW))
    return options.out


def _tell(judged: Judged, line: dict[str, Any] | None) -> None:
    """Print a picture: the line of JSON where there is one, or what a person reads."""
    if line:
        tqdm.write(json.dumps(line), sys.stdout)
    elif judged.error:
        tqdm.write(judged.error, sys.stderr)
    else:
        shown = ", ".join(map(label, judged.expressions)) or "no face"
        tqdm.write(f"{judged.found.file}: {shown}", sys.stdout)


def _save(path: Path, judged: Judged, charts: bool) -> str:
    """Write the marked picture, and charts of its faces, beside `path`, under names that begin with its name.

    Returns:
        What went wrong, in one line.
    """
    pictures = {"faces.jpg": Image.fromarray(annotated(judged.reading.pixels, judged.expressions))}
    if charts:
        for number, expression in enumerate(judged.expressions, start=1):
            pictures[f"face-{number}.png"] = bar_chart(expression, f"{path.name}, face {number}")
    try:
        for ending, picture in pictures.items():
            _save_picture(path.with_name(f"{path.name}.{ending}"), picture)
    except OSError as error:
        return f"{judged.found.file}: the results cannot be written: {error.strerror or error}"
    return ""


def _save_picture(path: Path, picture: Image.Image) -> None:
    """Write a picture in the format that its name ends with.

    Raises:
        OSError: the system refuses it, the format has no such sizes, or there is such a file.
    """
    if path.exists():
        raise FileExistsError(f"{path} is there already")
    content = io.BytesIO()
    picture.save(content, Image.registered_extensions()[path.suffix], quality=92)
    save_bytes(path, content.getvalue())


def _finish(tally: Tally, out: Path | None, options: argparse.Namespace) -> None:
    """Write the overview of several pictures, and say what was done."""
    if out and tally.overview.pictures > 1 and tally.overview.faces:
        _save_picture(out / OVERVIEW, tally.overview.draw())
    if out and not tally.overview.pictures and options.out is None:
        out = _removed(out)
    hint = "" if options.crop else tally.hint()
    if hint:
        sys.stderr.write(f"{hint}\n")
    (sys.stderr if options.json else sys.stdout).write(f"{tally.line(out)}\n")


def _removed(out: Path) -> None:
    """Remove a folder that was made for results where there are none: a name mistyped leaves nothing behind."""
    for name in (LINES, TABLE):
        (out / name).unlink()
    with suppress(OSError):  # somebody has put something there
        out.rmdir()
