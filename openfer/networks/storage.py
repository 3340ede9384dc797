"""Trained networks on the disk: .keras files whose bytes depend on the network alone."""

import calendar
import json
import re
import time
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import keras

from openfer.emotions import EMOTIONS
from openfer.errors import WAY_BACK
from openfer.files import FileError, replacing

EARLIEST = calendar.timegm((1980, 1, 2, 0, 0, 0))
"""Seconds since 1970 from which on ZIP has a date for a moment, wherever on earth."""


METADATA, NAMES = "metadata.json", "emotions"
"""The file in a .keras file, and its key, that hold the names of what a network tells apart."""


def save_network(path: Path, network: keras.Model, emotions: Sequence[str] = EMOTIONS) -> None:
    """Write a network as .keras, without the time stamps and object ids that differ from save to save.

    Args:
        path: of the file.
        network: with a probability for each emotion.
        emotions: what it tells apart, in order; the seven of FER2013 are not written down, others are.

    Raises:
        FileError: the clock of the machine stands before 1980.
        WriteError: the system refuses the file.
    """
    if time.time() < EARLIEST:  # Keras dates the parts of a .keras file, and would end in a traceback
        raise FileError(
            f"{path} cannot be written: the clock says {time.strftime('%Y')}, and "
            "ZIP has no dates before 1980: set the clock and run this again"
        )
    with replacing(path) as temporary:
        original = temporary.with_suffix(".original.keras")
        try:
            network.save(original)
            with zipfile.ZipFile(original) as old, zipfile.ZipFile(temporary, "w") as new:
                for name in sorted(old.namelist()):
                    content = _canonical(name, old.read(name), emotions)
                    new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        finally:
            original.unlink(missing_ok=True)


def load_network(path: Path) -> keras.Model:
    """Read a network for prediction; its optimizer and loss are not kept.

    Raises:
        FileError: the file is missing or damaged.
    """
    if not path.is_file():
        raise FileError(f"{path} is missing; {WAY_BACK}")
    try:
        return keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras, zipfile and h5py raise all kinds
        raise FileError(f"{path} is damaged ({' '.join(str(error).split())[:200]}); {WAY_BACK}") from error


def emotions_of(path: Path) -> tuple[str, ...]:
    """Return what a network on the disk tells apart, in order; FER2013's seven where the file names nothing.

    The networks of the crowd name nothing either; crowd/params.yaml says what they tell apart.

    Raises:
        FileError: the file is missing or damaged.
    """
    if not path.is_file():
        raise FileError(f"{path} is missing; {WAY_BACK}")
    try:
        with zipfile.ZipFile(path) as archive:
            names = json.loads(archive.read(METADATA)).get(NAMES, EMOTIONS)
        return tuple(map(str, names))
    except (OSError, KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        raise FileError(f"{path} is damaged ({' '.join(str(error).split())[:200]}); {WAY_BACK}") from error


def _canonical(name: str, content: bytes, emotions: Sequence[str]) -> bytes:
    """Fix the date in metadata.json, and number the shared objects of config.json in the order of their appearance.

    Names of emotions that are not FER2013's seven are added to metadata.json, which Keras does not read.
    """
    if name == METADATA:
        named = {} if tuple(emotions) == EMOTIONS else {NAMES: list(emotions)}
        return json.dumps({"keras_version": json.loads(content)["keras_version"], "date_saved": "-"} | named).encode()
    if name == "config.json":
        numbers: dict[bytes, int] = {}
        return re.sub(
            rb'("shared_object_id": )(\d+)',
            lambda match: match[1] + str(numbers.setdefault(match[2], len(numbers))).encode(),
            content,
        )
    return content
