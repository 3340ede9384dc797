"""The page as a user serves it, for tests: a process of its own that ends, whatever the test does."""

import contextlib
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.imports import ROOT
from tests.servers import free_port

START = 90
"""Seconds until the page must answer."""

PROGRAM = "import signal; signal.alarm(700); from openfer.app.cli import run; run()"
"""`openfer`, which ends by itself where the test that started it is gone."""


class Served:
    """A page that is served.

    Attributes:
        url: where it is.
        log: file of what it prints.
        folder: its temporary files.
        process: that serves it.
    """

    def __init__(self, url: str, log: Path, folder: Path, process: subprocess.Popen) -> None:
        self.url, self.log, self.folder, self.process = url, log, folder, process

    def stop(self) -> int:
        """End it as Ctrl-C does and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=20)


@contextlib.contextmanager
def served(folder: Path, *options: str, host: str = "127.0.0.1", scheme: str = "http") -> Iterator[Served]:
    """Serve the page with temporary files in `folder`; it is killed at the end where it has not ended."""
    folder.mkdir(parents=True, exist_ok=True)
    log, port = folder / "log", free_port()
    command = [sys.executable, "-c", PROGRAM, "web", "--port", str(port), *options]
    environment = os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    page = Served(f"{scheme}://{host}:{port}", log, folder, process)
    try:
        until = time.monotonic() + START
        while not answers(page.url):
            assert time.monotonic() < until and process.poll() is None, log.read_text()
            time.sleep(0.2)
        yield page
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def answers(url: str) -> bool:
    """Whether a page is there, whoever has signed its certificate."""
    unchecked = ssl._create_unverified_context() if url.startswith("https") else None
    try:
        with urllib.request.urlopen(url, timeout=5, context=unchecked):
            return True
    except OSError:
        return False


def post(url: str, content: bytes, kind: str = "application/octet-stream") -> tuple[int, bytes]:
    """Return status and content of the answer to a POST."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, content, {"Content-Type": kind}), timeout=90) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
