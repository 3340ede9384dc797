"""The data set in forms that other programs read: pictures in folders of classes, .npy, tables of features."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.csv
from tqdm import tqdm

from openfer.emotions import SPLITS
from openfer.files import FileError, save_array, save_json, temporary_of

AT_ONCE = 512
"""Rows of a table that are written together."""


@dataclass(frozen=True)
class Faces:
    """The faces that are written.

    Attributes:
        images: (n, 48, 48) uint8.
        labels: (n,) uint8 codes of `emotions`.
        split: (n,) uint8 codes of `openfer.emotions.SPLITS`.
        emotions: names of the classes.
    """

    images: np.ndarray
    labels: np.ndarray
    split: np.ndarray
    emotions: Sequence[str]


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder beside `folder` that becomes it when the block ends; after an error there is none.

    Raises:
        FileError: something of that name is there.
    """
    if folder.exists() or folder.is_symlink():
        raise FileError(f"{folder} is there already: choose another name, or delete it")
    temporary = temporary_of(folder.absolute())
    temporary.mkdir(parents=True)
    try:
        yield temporary
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_images(folder: Path, faces: Faces) -> None:
    """Write <split>/<class>/fer0000012.png: the number is the row, as in FER+; `data.source` reads them in this order.

    Args:
        folder: that is there.
        faces: all.
    """
    for code, emotion in np.ndindex(len(SPLITS), len(faces.emotions)):
        (folder / SPLITS[code] / faces.emotions[emotion]).mkdir(parents=True)
    rows = zip(faces.images, faces.labels, faces.split, strict=True)
    for row, (image, label, code) in enumerate(tqdm(rows, total=len(faces.labels), desc="Writing", unit="image")):
        _, content = cv2.imencode(".png", image)
        (folder / SPLITS[code] / faces.emotions[label] / f"fer{row:07d}.png").write_bytes(content.tobytes())


def write_arrays(folder: Path, faces: Faces, one_hot: bool) -> None:
    """Write <split>/images.npy and <split>/labels.npy, in the order of the rows, and the names in emotions.json.

    Args:
        folder: that is there.
        faces: all.
        one_hot: labels as (n, classes) float32, of which one is 1, in place of (n,) uint8.
    """
    labels = np.eye(len(faces.emotions), dtype=np.float32)[faces.labels] if one_hot else faces.labels
    for code, name in enumerate(tqdm(SPLITS, desc="Writing", unit="split")):
        save_array(folder / name / "images.npy", faces.images[faces.split == code])
        save_array(folder / name / "labels.npy", labels[faces.split == code])
    save_json(folder / "emotions.json", {name: label for label, name in enumerate(faces.emotions)})


def write_features(path: Path, features: np.ndarray, faces: Faces) -> None:
    """Write a CSV with a row a face: row, Usage, emotion (its name), then the values, named after the file: hog0, ….

    Args:
        path: of the file.
        features: (n, d) float16 or float32; float32 gives the same numbers when it reads them.
        faces: all.
    """
    heads = [("row", pa.int64()), ("Usage", pa.string()), ("emotion", pa.string())]
    schema = pa.schema([*heads, *((f"{path.stem}{column}", pa.float32()) for column in range(features.shape[1]))])
    splits, emotions = np.array(SPLITS), np.array(faces.emotions)
    with (
        pa.csv.CSVWriter(path, schema, write_options=pa.csv.WriteOptions(quoting_style="none")) as table,
        tqdm(total=len(features), desc=f"Writing {path.name}", unit="row") as bar,
    ):
        for start in range(0, len(features), AT_ONCE):
            part = np.s_[start : start + AT_ONCE]
            values = np.ascontiguousarray(features[part].astype(np.float32).T)
            rows = np.arange(start, start + values.shape[1])
            columns = [rows, splits[faces.split[part]], emotions[faces.labels[part]], *values]
            table.write_table(pa.table([pa.array(column) for column in columns], schema=schema))
            bar.update(len(rows))
