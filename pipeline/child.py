"""A process of its own for what talks to MLflow: whatever happens to it, the caller goes on.

A call into MLflow can last for ever (a server that sends a byte every three seconds, a locked file), and Python can
end a process that hangs but no thread that does. The caller sends lines of JSON through a thread of its own, and the
child writes lines of JSON into a file, so that neither ever waits for the other until `Child.wait`, which has
deadlines. A child whose caller is gone, even by `kill -9`, ends at once.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any

SILENCE = 10.0
"""Seconds: a child that has reported nothing for so long hangs; MLflow starts in two and answers in one."""

AT_MOST = 30.0
"""Seconds that a caller waits for a child that does report: as long as a person looks at a finished training."""

SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",  # the next epoch is another try; servers ask for pauses of minutes
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",  # half of `SILENCE`
}
"""What MLflow reads when it is imported; a setting of the user wins."""

PROJECT = Path(__file__).resolve().parent.parent


class Child:
    """The caller's end of `python -m module`; no method but `wait` waits, and none raises because of the child."""

    def __init__(self, module: str) -> None:
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._cause = ""
        try:
            self._start(module)
        except (OSError, RuntimeError) as error:  # no room for a file, a process or a thread
            self._cause = str(error)

    def send(self, message: Mapping[str, Any]) -> None:
        """Put a message into the queue of the thread that writes to the child."""
        self._lines.put(json.dumps(message, default=float).encode() + b"\n")

    def wait(self, silence: float | None = None, at_most: float | None = None) -> dict[str, Any]:
        """Wait for the child to end, kill it where it does not, and return its reports, later ones over earlier ones.

        Args:
            silence: seconds without a report after which it is killed, `SILENCE` by default.
            at_most: seconds in all after which it is killed, `AT_MOST` by default.

        Returns:
            The reports. "done" is True where the work was done; else "error" says in one line why it was not.
        """
        silence, at_most = SILENCE if silence is None else silence, AT_MOST if at_most is None else at_most
        if self._cause:
            return {"error": self._cause}
        try:
            seconds = self._watch(silence, at_most)
        finally:  # also where the user gives up waiting
            code = self._process.poll()
            self._process.kill()
            self._lines.put(None)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)  # a process that waits for a dead disk cannot even be killed
        reports = self._reported()
        if not reports.get("done") and not reports.get("error"):
            reports["error"] = f"no answer for {seconds:.0f} s" if code is None else self._last_words(code)
        return reports

    def _start(self, module: str) -> None:
        # files, not pipes: nobody has to read them for the child to go on
        self._reports, self._errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=self._reports,
            stderr=self._errors,
            env=environment(),
            start_new_session=True,  # Ctrl-C is the caller's, who then tells the child how it ended
        )
        threading.Thread(target=self._write, daemon=True).start()

    def _watch(self, silence: float, at_most: float) -> float:
        """Return when the child has ended or must be given up: the seconds since its last report."""
        start = last = time.monotonic()
        size = 0
        while self._process.poll() is None:
            now = time.monotonic()
            if self._size() != size:
                size, last = self._size(), now
            if now - last > silence or now - start > at_most:
                break
            time.sleep(0.02)
        return time.monotonic() - last

    def _size(self) -> int:
        return os.fstat(self._reports.fileno()).st_size

    def _reported(self) -> dict[str, Any]:
        self._reports.seek(0)
        reports: dict[str, Any] = {}
        for line in self._reports:
            if line.endswith(b"\n"):  # else the child was killed while it wrote
                reports |= json.loads(line)
        return reports

    def _last_words(self, code: int) -> str:
        """Return the last line that a child wrote that ended by itself without a report."""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), f"its process ended with {code}")

    def _write(self) -> None:
        with contextlib.suppress(OSError), self._process.stdin as pipe:  # the child is dead, and `wait` says why
            for line in iter(self._lines.get, None):
                pipe.write(line)
                pipe.flush()


def environment() -> dict[str, str]:
    """Return the environment of a child: this one, with this project to import and MLflow's waits made short."""
    search = [os.fspath(PROJECT), os.environ.get("PYTHONPATH")]
    return SETTINGS | os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, search))}


class Caller:
    """The child's end: messages come in, reports go out, and nothing else reaches the caller's terminal."""

    def __init__(self) -> None:
        self._reports = os.dup(sys.stdout.fileno())
        sys.stdout = sys.stderr  # MLflow prints links
        self._inbox: SimpleQueue[dict[str, Any]] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def batches(self) -> Iterator[list[dict[str, Any]]]:
        """Yield, as soon as there is one, all messages that have come meanwhile."""
        while True:
            batch = [self._inbox.get()]
            while not self._inbox.empty():
                batch.append(self._inbox.get())
            yield batch

    def report(self, **facts: Any) -> None:
        """Tell the caller something, in one write so that no half of it is ever read; also a sign of life."""
        os.write(self._reports, json.dumps(facts).encode() + b"\n")

    def fail(self, error: Exception) -> None:
        """Tell the caller in one line what went wrong."""
        line = next(iter(str(error).splitlines()), "") or type(error).__name__
        self.report(error=line if len(line) <= 240 else f"{line[:110]} … {line[-120:]}")

    def leave(self) -> None:
        """End this process without a wait for the threads that MLflow may have left behind."""
        os._exit(0)

    def _read(self) -> None:
        for line in sys.stdin.buffer:
            self._inbox.put(json.loads(line))
        os._exit(1)  # the caller is gone, whatever this process is waiting for
