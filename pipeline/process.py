"""A stage as a process: it ends with the process that started it, and one process at a time trains a network."""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from openfer.errors import Refused

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that Linux sends when the parent dies."""

WAIT = 10.0
"""Seconds for which a lock is waited for; the process before may just be ending."""


class BusyError(Refused):
    """Another process is at the same work."""


def end_with_parent() -> None:
    """Make this process end at once when DVC, which started it, is gone: killed, it would leave a second writer."""
    if not os.environ.get("DVC_STAGE") or sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before the system knew what is wanted
        os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def alone(folder: Path, work: str, wait: float = WAIT) -> Iterator[None]:
    """Hold the lock of a folder while the block runs.

    Args:
        folder: made where it is missing.
        work: stands in the error.
        wait: seconds.

    Raises:
        BusyError: another process holds the lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "lock", timeout=wait):
            yield
    except Timeout:
        raise BusyError(
            f"{work} is at work in another process, which holds {folder / 'lock'}: wait or end it"
        ) from None
