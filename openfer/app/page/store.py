"""What visitors bring and get: a folder that is swept while the page is served and ends with it, whatever ends it."""

import contextlib
import secrets
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from openfer.app.page.limits import KEPT, SILENT_SECONDS, SWEPT

try:
    import fcntl
except ImportError:  # Windows: leftovers of killed processes stay
    fcntl = None

PREFIX = "openfer-web-"
"""How the names of the folders begin."""


class Store:
    """A folder of uploads and results.

    Who was killed cannot delete: each process locks a file of its folder, the system takes the lock back when the
    process ends, and the next one that starts deletes the folders that nobody has locked.

    Attributes:
        folder: of uploads.
        results: folder of what visitors get, below it; served under "results/".
    """

    def __init__(self) -> None:
        """Make the folder and delete those that killed processes have left."""
        delete_leftovers()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.lock = _locked(self.folder)
        self.results = self.folder / "results"
        self.results.mkdir()
        self.ended = threading.Event()
        threading.Thread(target=self._sweep_again_and_again, daemon=True).start()

    def __enter__(self) -> "Store":
        """Return the store."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Delete everything."""
        self.ended.set()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.lock.close()

    def place(self, name: str) -> tuple[Path, str]:
        """Return where a result goes and its address on the page, which nobody can guess."""
        token = secrets.token_urlsafe(16)
        (self.results / token).mkdir()
        return self.results / token / name, f"results/{token}/{name}"

    def keep(self, name: str, content: bytes) -> str:
        """Write a result and return its address on the page."""
        path, address = self.place(name)
        path.write_bytes(content)
        return address

    def used(self) -> int:
        """Return how many bytes lie in the folder."""
        total = 0
        for path in self.folder.rglob("*"):
            with contextlib.suppress(OSError):  # deleted meanwhile
                total += path.stat().st_size if path.is_file() else 0
        return total

    def sweep(self, now: float) -> None:
        """Delete what is older than `KEPT` seconds, and uploads that were cut off.

        Args:
            now: seconds since 1970.
        """
        for path in sorted(self.folder.rglob("*"), reverse=True):  # what a folder holds, then the folder
            if path in (self.results, self.folder / "lock"):
                continue
            cut_off = path.parent == self.folder and path.is_file()  # gradio moves what is whole into a folder
            with contextlib.suppress(OSError):  # a file that is gone already, a folder that is not empty
                if now - path.stat().st_mtime > (2 * SILENT_SECONDS if cut_off else KEPT):
                    path.rmdir() if path.is_dir() else path.unlink()

    def _sweep_again_and_again(self) -> None:
        while not self.ended.wait(SWEPT):
            self.sweep(time.time())


def delete_leftovers() -> None:
    """Delete the folders of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if fcntl else ():
        with contextlib.suppress(OSError), (folder / "lock").open() as lock:  # another user's, or locked: in use
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def _locked(folder: Path) -> TextIO:
    """Return the open file that says that a folder is in use; it has its name only once it is locked."""
    unnamed = folder / "unlocked"
    lock = unnamed.open("w")
    if fcntl:
        fcntl.flock(lock, fcntl.LOCK_EX)
    unnamed.rename(folder / "lock")
    return lock
