"""One MLflow run a training, and the store that serving.py, too, writes to.

The files under metrics/ are the record; MLflow is a window on it. So everything is sent in one go after the outputs
are written, with few retries, and a store that cannot be reached is a warning that costs seconds.
"""

import logging
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

EXPERIMENT = "fer2013"
log = logging.getLogger(__name__)


def record(
    root: Path,
    name: str,
    params: Mapping[str, Any],
    history: Sequence[Mapping[str, float]],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
    files: Sequence[Path],
) -> None:
    """Record one training as an MLflow run; never raises.

    Args:
        root: the project, whose mlflow.db and mlruns/ are the store unless MLFLOW_TRACKING_URI names a server.
        name: of the run.
        params: what the stage read of params.yaml.
        history: a row an epoch with its number under "epoch".
        metrics: final figures.
        tags: digests of the inputs and the like; the Git commit and DVC's experiment are added.
        files: kept as artifacts of the run.
    """
    started = time.monotonic()
    try:
        _send(root, name, params, history, metrics, tags, files)
    except Exception as error:  # whatever the store does, the training has its outputs and goes on
        seconds = time.monotonic() - started
        log.warning("MLflow: %s was not recorded (%.0f s): %s. The metrics are in metrics/.", name, seconds, error)


def _send(
    root: Path,
    name: str,
    params: Mapping[str, Any],
    history: Sequence[Mapping[str, float]],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
    files: Sequence[Path],
) -> None:
    import mlflow  # 1.4 s that only a finished training pays

    open_store(root)
    now = round(time.time() * 1000)
    steps = [
        mlflow.entities.Metric(key, value, now, int(row["epoch"]))
        for row in history
        for key, value in row.items()
        if key != "epoch"
    ]
    final = [mlflow.entities.Metric(key, value, now, 0) for key, value in metrics.items()]
    with mlflow.start_run(run_name=name, tags={**tags, **origin()}) as run:
        mlflow.log_params(params)
        client = mlflow.MlflowClient()
        for start in range(0, len(steps + final), 1000):  # the most that one call takes
            client.log_batch(run.info.run_id, metrics=(steps + final)[start : start + 1000])
        for file in files:
            mlflow.log_artifact(str(file))


def open_store(root: Path) -> None:
    """Select the store, and create it where it is missing: one process at a time, or SQLite's is broken for good.

    Args:
        root: the project, as in `record`.
    """
    import mlflow

    with FileLock(root / ".mlflow.lock"):
        if not os.environ.get("MLFLOW_TRACKING_URI"):
            mlflow.set_tracking_uri(f"sqlite:///{(root / 'mlflow.db').resolve()}")
            if mlflow.get_experiment_by_name(EXPERIMENT) is None:
                mlflow.create_experiment(EXPERIMENT, artifact_location=(root / "mlruns").resolve().as_uri())
        mlflow.set_experiment(EXPERIMENT)


def origin() -> dict[str, str]:
    """Return the Git commit and DVC's experiment of this run, as far as there are any."""
    origin = {"git_commit": _commit(), "dvc_experiment": os.environ.get("DVC_EXP_NAME", "")}
    return {key: value for key, value in origin.items() if value}


def _commit() -> str:
    """Return the commit of the working tree; empty without Git, a repository or a commit."""
    command = ["git", "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""
