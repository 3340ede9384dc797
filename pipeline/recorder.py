"""The process that puts one training into the store, epoch by epoch; `pipeline.tracking` starts and feeds it.

Messages: first the header, arguments of `Recorder`; then {"row", "time"} an epoch; last {"end", "history",
"files"}. After a failure everything is opened anew and what the store holds is asked for, so that an epoch is never
there twice, whether a server forgot to answer or an earlier training was killed.
"""

import hashlib
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from pipeline.child import Caller
from pipeline.store import LOCK_SECONDS, open_store, origin

if TYPE_CHECKING:  # two seconds
    import mlflow

METRICS_A_CALL, PARAMS_A_CALL = 1000, 100
"""The most that MLflow takes."""

PAUSE = 1
"""Seconds before the end is tried once more: a server that restarts refuses for a moment."""

Row = tuple[Mapping[str, float], int]
"""The metrics of an epoch with its number under "epoch", and when it ended, in milliseconds since 1970."""


class Recorder:
    """A run in the store: a new one, or the one that a killed training left unfinished.

    The run of a search is one however often it goes on, and its trials' are children of it.
    """

    def __init__(
        self,
        alive: Callable[[], None],
        root: str,
        name: str,
        key: str,
        params: Mapping[str, str],
        tags: Mapping[str, str],
        search: str | None = None,
        is_search: bool = False,
    ) -> None:
        self._alive, self._root, self._name, self._params = alive, Path(root), name, params
        self._training, self._search, self._is_search = self._id(key), search, is_search
        self._tags = {**tags, "training_id": self._training, "mlflow.source.name": name}
        self._client, self._run_id, self._held = None, "", {}

    @property
    def epochs(self) -> int:
        """How many epochs the store holds."""
        return len(set().union(*self._held.values()))

    def forget(self) -> None:
        """Trust nothing that is known of the store; the next `send` opens it anew."""
        self._client = None

    def send(self, rows: Iterable[Row]) -> None:
        """Send of these epochs what the store does not hold."""
        from mlflow.entities import Metric

        if self._client is None:
            self._open()
        new = {}  # by name and step, so that an epoch that stands twice in `rows` is sent once
        for row, when in rows:
            for key, value in row.items():
                if key != "epoch" and int(row["epoch"]) not in self._held.get(key, ()):
                    new.setdefault((key, int(row["epoch"])), Metric(key, float(value), when, int(row["epoch"])))
        metrics = list(new.values())
        for start in range(0, len(metrics), METRICS_A_CALL):
            self._client.log_batch(self._run_id, metrics=metrics[start : start + METRICS_A_CALL])
        for key, step in new:
            self._held.setdefault(key, set()).add(step)

    def end(self, status: str, files: Sequence[str]) -> None:
        """Add the files and end the run as FINISHED or FAILED."""
        for file in files:
            self._client.log_artifact(self._run_id, file)
        self._client.set_terminated(self._run_id, status)

    def _id(self, key: str) -> str:
        where = f"{socket.gethostname()}\n{self._root.resolve()}\n{key}"  # a server has the runs of others, too
        return hashlib.sha256(where.encode()).hexdigest()

    def _open(self) -> None:
        """Find or create the run, and learn what it holds."""
        client, experiment = open_store(self._root, self._alive)
        from mlflow.entities import Param

        if self._run_id:
            run = client.get_run(self._run_id)
        elif self._is_search:
            run = self._searching(client, experiment, self._training)
        else:
            run = self._unfinished(client, experiment)
        self._run_id = run.info.run_id
        if run.info.status != "RUNNING":
            client.update_run(self._run_id, status="RUNNING")
        params = [Param(key, value) for key, value in self._params.items()]
        for start in range(0, len(params), PARAMS_A_CALL):
            client.log_batch(self._run_id, params=params[start : start + PARAMS_A_CALL])
        history = {key: client.get_metric_history(self._run_id, key) for key in run.data.metrics}
        self._held = {key: {metric.step for metric in metrics} for key, metrics in history.items()}
        self._client = client

    def _unfinished(self, client: "mlflow.MlflowClient", experiment: str) -> "mlflow.entities.Run":
        """Return the run that a killed training left, or a new one, which belongs to its search where it has one."""
        where = f"tags.training_id = '{self._training}' AND attributes.status != 'FINISHED'"
        found = client.search_runs([experiment], where, max_results=1)
        if found:
            return found[0]
        tags = {**self._tags, **origin()}
        if self._search:
            parent = self._searching(client, experiment, self._id(self._search))
            tags["mlflow.parentRunId"] = parent.info.run_id
        return client.create_run(experiment, run_name=self._name, tags=tags)

    def _searching(self, client: "mlflow.MlflowClient", experiment: str, training: str) -> "mlflow.entities.Run":
        """Return the run of a search, made by whoever comes first: the search itself or one of its trials."""
        with FileLock(self._root / ".mlflow.lock", timeout=LOCK_SECONDS):
            found = client.search_runs([experiment], f"tags.training_id = '{training}'", max_results=1)
            run = found[0] if found else None
            run = run or client.create_run(experiment, run_name="search", tags={"training_id": training, **origin()})
            if self._is_search:
                client.update_run(run.info.run_id, name=self._name)
                for key, value in self._tags.items():
                    client.set_tag(run.info.run_id, key, value)
            return run


def main() -> None:
    """Record what the caller sends until the training ends."""
    caller = Caller()
    recorder, waiting = None, []
    for batch in caller.batches():
        recorder = recorder or Recorder(caller.report, **batch.pop(0))
        end = batch.pop() if batch and "end" in batch[-1] else None
        waiting += [(message["row"], message["time"]) for message in batch]
        sent = attempt(recorder, caller, waiting, end)
        if end and not sent:
            time.sleep(PAUSE)
            attempt(recorder, caller, waiting, end)
        if end:
            caller.leave()
        if sent:
            waiting = []


def attempt(recorder: Recorder, caller: Caller, waiting: Sequence[Row], end: Mapping[str, Any] | None) -> bool:
    """Send what waits, at the end also what else is missing; tell the caller how it went, and whether it went well."""
    try:
        recorder.send(waiting)
        caller.report(epochs=recorder.epochs, error=None)
        if end:
            now = round(time.time() * 1000)
            recorder.send((row, now) for row in end["history"])
            caller.report(epochs=recorder.epochs)
            recorder.end(end["end"], end["files"])
            caller.report(done=True)
    except Exception as error:  # whatever the store does: the next epoch, or the end, is another chance
        recorder.forget()
        caller.fail(error)
        return False
    return True


if __name__ == "__main__":
    main()
