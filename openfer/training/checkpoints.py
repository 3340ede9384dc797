"""Checkpoints of an unfinished training: the state after an epoch in one .npz file, the last two kept.

They lie outside DVC's outputs, which DVC deletes before it runs a stage, in a folder whose name is a fingerprint of
everything that the result depends on, so that a training never goes on from another one's state.
"""

import contextlib
import logging
import re
import zipfile
import zlib
from pathlib import Path

import numpy as np

from openfer.files import replacing

log = logging.getLogger(__name__)


class Checkpoints:
    """The checkpoints in one folder.

    Attributes:
        folder: need not exist.
        writes: whether they are kept; of processes that train together one does that, and the others read.
    """

    def __init__(self, folder: Path, writes: bool = True) -> None:
        self.folder, self.writes = folder, writes

    def save(self, epochs: int, state: dict[str, np.ndarray]) -> None:
        """Write the state after `epochs` epochs, then drop all files but the newest two."""
        if not self.writes:
            return
        with replacing(self._path(epochs)) as temporary, temporary.open("wb") as file:
            np.savez(file, **state)
        for _, path in self._files()[:-2]:
            path.unlink(missing_ok=True)

    def latest(self) -> tuple[int, dict[str, np.ndarray]] | None:
        """Return the newest readable state and its number of epochs; a damaged file is reported and set aside."""
        for epochs, path in reversed(self._files()):
            try:
                with np.load(path, allow_pickle=False) as archive:
                    return epochs, dict(archive)
            except (OSError, ValueError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
                aside = path.with_suffix(".damaged")
                if self.writes:
                    path.replace(aside)
                log.warning("checkpoint %s is damaged (%s); set aside as %s", path, error, aside.name)
        return None

    def remove(self) -> None:
        """Delete the checkpoints: the training has finished and its outputs are written."""
        for pattern in ("epoch-*", ".*.epoch-*"):  # with what a killed process left half-written
            for path in self.folder.glob(pattern):
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not there, or with files of others in it
            self.folder.rmdir()

    def _path(self, epochs: int) -> Path:
        return self.folder / f"epoch-{epochs:04d}.npz"

    def _files(self) -> list[tuple[int, Path]]:
        """Return (epochs, path), oldest first."""
        found = ((re.fullmatch(r"epoch-(\d+)\.npz", path.name), path) for path in self.folder.glob("epoch-*.npz"))
        return sorted((int(match[1]), path) for match, path in found if match)
