"""What a worker does: loads the model once, reads pictures, returns their rows. Knows nothing of Ray."""

import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import cv2
import pyarrow as pa

from openfer.app import judging
from openfer.app.judging import Judged
from openfer.app.picture_files import Found
from openfer.app.scale.places import UnreachableError, content, is_remote, opened, reached
from openfer.app.scale.tables import table_of
from openfer.errors import one_line
from openfer.export.model_folder import FACTS, MODEL, VOCABULARY, ExportedModel
from openfer.faces import detectors
from openfer.faces.pictures import PictureError, read_reduced
from openfer.faces.predictor import Predictor
from openfer.faces.records import error_cell, file_cell
from openfer.files import scratch

AHEAD = 4
"""Objects that are loaded while one is judged: a store takes its time to answer, and has much of it."""

Row = Mapping[str, Any]
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Job:
    """What all workers of a run do.

    Attributes:
        kind: "photo" or "video".
        columns: of a row.
        model: content of the files of the model's folder, by their names.
        detector: its name.
        smallest: side in pixels of the smallest face.
        all_faces: as in `Predictor`.
        prior: as in `Predictor`.
        valence: as in `records.record`.
        how: options of this kind: "crop", or "smooth" and "every".
        longest: seconds of a film from which on it is cut, whose results are the same; 0: none is.
        base: folder from which paths start.
        tops: what was named; a worker's host must see it, too.
    """

    kind: str
    columns: tuple[str, ...]
    model: Mapping[str, bytes]
    detector: str
    smallest: int
    all_faces: bool
    prior: float | None
    valence: str | None
    how: Mapping[str, Any]
    longest: float
    base: str
    tops: tuple[str, ...]


def model_files(folder: Path) -> dict[str, bytes]:
    """Return the files of an exported model, which the hosts of a cluster need not have."""
    paths = [folder / name for name in (MODEL, FACTS, VOCABULARY)]
    return {path.name: path.read_bytes() for path in paths if path.exists()}


class Reader:
    """Reads files and says what their faces show, on one core."""

    def __init__(self, job: Job) -> None:
        """Load the model and the detector."""
        self.job = job
        cv2.setNumThreads(1)
        with tempfile.TemporaryDirectory() as folder:
            for name, held in job.model.items():
                Path(folder, name).write_bytes(held)
            model = ExportedModel.load(folder, threads=1)
        detector = detectors.create(job.detector, job.smallest)
        self.predictor = Predictor(model, detector, prior=job.prior, all_faces=job.all_faces)

    def unseen(self) -> str:
        """Return which of the places that were named this host does not see, and why; empty where it sees all."""
        for top in self.job.tops:
            path = Path(self.job.base, top)
            try:
                if is_remote(top):
                    system, key = opened(top)
                    reached(partial(system.get_file_info, key), top)
                else:
                    reached(path.lstat, str(path))
            except FileNotFoundError:
                return f"{path} is not there"
            except Exception as error:
                return f"{top}: {one_line(error)}"
        return ""

    def __call__(self, files: Sequence[tuple[str, str]]) -> pa.Table:
        """Return the rows of pictures (file, why it cannot be read where that is known), in their order."""
        return together(self._pictures(files), self.job.columns)

    def _pictures(self, files: Sequence[tuple[str, str]]) -> Iterator[Row]:
        pictures = _ahead(self._picture, files)
        for judged in judging.judged(pictures, self.predictor, self.job.how["crop"]):
            yield from judging.rows_of(judging.line_of(judged, self.job.valence))

    def _picture(self, one: tuple[str, str]) -> Judged:
        """Read a picture; its name is the one that the user gave, wherever the worker runs."""
        file, reason = one
        found = Found(Path(), file, reason)  # an address is no path
        if reason:
            return Judged(found, None, error=f"{file}: {reason}")
        path = Path(self.job.base, file)
        try:
            if is_remote(file):
                return Judged(found, reached(lambda: read_reduced(content(file), file), file))
            return Judged(found, reached(lambda: read_reduced(path), file))
        except UnreachableError:
            raise
        except PictureError as error:
            given = str(error) if is_remote(file) else f"{file}{str(error).removeprefix(str(path))}"
            return Judged(found, None, error=given)
        except Exception as error:
            return Judged(found, None, error=f"{file}: {one_line(error)}")


def refusal(file: str, reason: str) -> dict[str, Any]:
    """Return the row of a file that could not be read."""
    return {"file": file_cell(file), "error": error_cell(file, reason)}


def together(rows: Iterable[Row], columns: Sequence[str]) -> pa.Table:
    """Return rows as a table, without holding all of them as rows."""
    return pa.concat_tables(_tables(rows, columns))


def _tables(rows: Iterable[Row], columns: Sequence[str], most: int = 10_000) -> Iterator[pa.Table]:
    """Yield rows as tables, which take a tenth of the memory; an empty one first."""
    yield table_of([], columns)
    waiting: list[Row] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == most:
            yield table_of(waiting, columns)
            waiting = []
    yield table_of(waiting, columns)


def _ahead(read: Callable[[tuple[str, str]], Thing], files: Sequence[tuple[str, str]]) -> Iterator[Thing]:
    """Yield what was read of each file; of an object store a few are read ahead of time."""
    if not any(is_remote(file) for file, _ in files):
        yield from map(read, files)
        return
    with ThreadPoolExecutor(AHEAD) as threads:
        waiting = deque(threads.submit(read, one) for one in files[:AHEAD])
        for one in [*files[AHEAD:], *[None] * AHEAD]:
            if waiting:
                yield waiting.popleft().result()
            if one:
                waiting.append(threads.submit(read, one))


@contextmanager
def local(file: str, base: str) -> Iterator[Path]:
    """Yield the path of a film; one in an object store is loaded to this machine first."""
    if not is_remote(file):
        yield Path(base, file)
        return
    with scratch("openfer-film") as folder:
        path = folder / "film"
        reached(lambda: _load(file, path), file)
        yield path


def _load(address: str, path: Path) -> None:
    """Copy an object into a file."""
    system, key = opened(address)
    with system.open_input_stream(key) as stream, path.open("wb") as copy:
        while block := stream.read(1 << 20):
            copy.write(block)
