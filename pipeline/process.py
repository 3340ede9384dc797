"""A stage as a process: it ends with the process that started it, and one process at a time trains a network."""

import contextlib
import logging
import os
import select
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from openfer.errors import Refused

STARTER = "STAGE_STARTER"
"""Variable in which stages/run hands over the number of the process that runs DVC; there may be a shell between."""

WAIT = 10.0
"""Seconds for which a lock is waited for; the process before may just be ending."""

GIVEN_UP = 30
"""Days without a new checkpoint after which nobody is going to resume a training."""

log = logging.getLogger(__name__)


class BusyError(Refused):
    """Another process is at the same work."""


def end_with_parent() -> None:
    """Make this process end at once when DVC, which started it, is gone: killed, it would leave a second writer."""
    if not os.environ.get("DVC_STAGE") or not hasattr(os, "pidfd_open"):  # run by hand; not on Linux
        return
    starter = int(os.environ.get(STARTER) or os.getppid())
    try:
        descriptor = os.pidfd_open(starter)
    except ProcessLookupError:  # gone already
        os.kill(os.getpid(), signal.SIGKILL)
    except OSError as error:
        log.warning("process %d cannot be watched (%s): end this stage by hand if DVC is killed", starter, error)
    else:
        threading.Thread(target=_end_after, args=(descriptor,), daemon=True).start()


def _end_after(descriptor: int) -> None:
    select.select([descriptor], [], [])
    os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def alone(folder: Path, work: str, wait: float = WAIT) -> Iterator[None]:
    """Hold the lock of a folder while the block runs.

    Args:
        folder: need not exist.
        work: stands in the error.
        wait: seconds.

    Raises:
        BusyError: another process holds the lock.
    """
    path = _lock(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        raise BusyError(f"{work} is at work in another process, which holds {path}: wait or end it") from None
    try:
        yield
    finally:
        # While it is still held: who waits for it finds that what it holds has no name any more, and begins anew.
        path.unlink(missing_ok=True)
        lock.release()


def sweep(folder: Path, days: float = GIVEN_UP) -> None:
    """Delete the folders beside `folder` in which nothing has changed for some days and no process is at work.

    Args:
        folder: of a training's checkpoints; it stays. Those beside it belong to other trainings of the same model.
        days: without a change.
    """
    names = {path.name.removesuffix(".lock") for path in folder.parent.glob("*")} - {folder.name}
    deleted = [name for name in sorted(names) if _delete(folder.with_name(name), days)]
    if deleted:
        log.info("deleted %s in %s: no checkpoint in %g days", ", ".join(deleted), folder.parent, days)


def _delete(folder: Path, days: float) -> bool:
    """Delete a folder that nobody uses, with its lock; return whether it was there and is gone."""
    parts = [path for path in (folder, *folder.glob("*"), _lock(folder)) if path.exists()]
    with contextlib.suppress(BusyError, OSError):  # somebody has just begun, or was faster
        if time.time() - max((path.stat().st_mtime for path in parts), default=float("inf")) > days * 24 * 3600:
            with alone(folder, "", wait=0):
                shutil.rmtree(folder, ignore_errors=True)
            return folder in parts and not folder.exists()
    return False


def _lock(folder: Path) -> Path:
    """Return the file that whoever works in a folder holds; it lies beside it, so that the folder may be removed."""
    return folder.with_name(f"{folder.name}.lock")
