"""A training as an MLflow run that people can watch: an epoch is in the store as soon as it has ended.

The files that a training writes are the record, and MLflow is a window on it. So nothing that a store does can slow or
stop a training: rows go into a queue, a process of its own (`pipeline.recorder`) talks to MLflow, and the end waits for
it seconds at most. What then is missing costs one warning.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openfer.emotions import EMOTIONS
from pipeline.child import Child

log = logging.getLogger(__name__)


def tags_of(digests: Mapping[str, str], emotions: Sequence[str]) -> dict[str, str]:
    """Return what MLflow is told beside the parameters: the digest of each input, and emotions other than the seven."""
    told = {f"sha256 {file}": value for file, value in digests.items()}
    return told | ({"emotions": ", ".join(emotions)} if tuple(emotions) != EMOTIONS else {})


class LiveRun:
    """A run in the making; none of its methods raises because of MLflow."""

    def __init__(
        self, root: Path, name: str, key: str, params: Mapping[str, Any], tags: Mapping[str, str], **search: Any
    ) -> None:
        self._name, self._ended = name, False
        self._child = Child("pipeline.recorder")
        text = {"params": {key: str(value) for key, value in params.items()}, "tags": dict(tags)}
        self._child.send({"root": str(root.resolve()), "name": name, "key": key, **text, **search})

    def epoch(self, row: Mapping[str, float]) -> None:
        """Record the metrics of an epoch, whose number stands under "epoch"; returns at once."""
        self._child.send({"row": dict(row), "time": round(time.time() * 1000)})

    def finish(self, history: Sequence[Mapping[str, float]], files: Sequence[Path], status: str = "FINISHED") -> None:
        """End the run; waits seconds at most.

        Args:
            history: all epochs as in `epoch`; those that are missing are filled in.
            files: kept as artifacts of the run.
            status: of MLflow: "FINISHED", or "KILLED" for a trial that was ended early.
        """
        paths = [str(file.resolve()) for file in files]
        self._end({"end": status, "history": [dict(row) for row in history], "files": paths})

    def close(self) -> None:
        """End the run as FAILED unless it has ended; waits seconds at most."""
        if not self._ended:
            self._end({"end": "FAILED", "history": [], "files": []})

    def _end(self, message: Mapping[str, Any]) -> None:
        self._ended, started = True, time.monotonic()
        self._child.send(message)
        reports = self._child.wait()
        if not reports.get("done"):
            epochs, seconds = reports.get("epochs"), time.monotonic() - started
            what = f"is not complete, epochs recorded: {epochs}" if epochs else "was not recorded"
            text = "MLflow: %s %s (%.0f s): %s. The training itself is not affected."
            log.warning(text, self._name, what, seconds, reports["error"])


@contextmanager
def live_run(
    root: Path, name: str, key: str, params: Mapping[str, Any], tags: Mapping[str, str], **search: Any
) -> Iterator[LiveRun]:
    """Track a training; returns at once and never raises because of MLflow.

    A block that is left without `LiveRun.finish` ends the run as FAILED; an exception goes on unchanged.

    Args:
        root: the project, whose mlflow.db and mlruns/ are the store unless MLFLOW_TRACKING_URI names a server.
        name: of the run.
        key: of the training, its checkpoints' fingerprint: a training that did not finish and is started again goes on
            in its run.
        params: what the stage read of params.yaml.
        tags: digests of the inputs and the like; the Git commit and DVC's experiment are added.
        search: of a trial, `search`: the key of the search's run, whose child it becomes; of that run itself,
            `is_search=True`: it is found again, finished or not.
    """
    run = LiveRun(root, name, key, params, tags, **search)
    try:
        yield run
    finally:
        run.close()
