"""Trained networks on the disk: .keras files whose bytes depend on the network alone."""

import calendar
import json
import re
import time
import zipfile
from pathlib import Path

import keras

from openfer.errors import WAY_BACK
from openfer.files import FileError, replacing

EARLIEST = calendar.timegm((1980, 1, 2, 0, 0, 0))
"""Seconds since 1970 from which on ZIP has a date for a moment, wherever on earth."""


def save_network(path: Path, network: keras.Model) -> None:
    """Write a network as .keras, without the time stamps and object ids that differ from save to save.

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
                    new.writestr(zipfile.ZipInfo(name), _canonical(name, old.read(name)), zipfile.ZIP_DEFLATED)
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


def _canonical(name: str, content: bytes) -> bytes:
    """Fix the date in metadata.json and number the shared objects of config.json in the order of their appearance."""
    if name == "metadata.json":
        return json.dumps({"keras_version": json.loads(content)["keras_version"], "date_saved": "-"}).encode()
    if name == "config.json":
        numbers: dict[bytes, int] = {}
        return re.sub(
            rb'("shared_object_id": )(\d+)',
            lambda match: match[1] + str(numbers.setdefault(match[2], len(numbers))).encode(),
            content,
        )
    return content
