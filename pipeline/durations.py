"""How long trainings took, from the store of MLflow: histories hold no times, so that equal runs are equal bytes."""

import itertools
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.store import open_store

if TYPE_CHECKING:
    import mlflow
    from mlflow.entities import Run

MEASURED = "public_accuracy"
"""What every training records at the end of an epoch."""


def minutes(root: Path) -> dict[str, float]:
    """Return the minutes of the latest finished run of each name.

    Of several epochs the median counts for all, so that a training that was interrupted does not count its pause.

    Args:
        root: the project, whose store is read unless MLFLOW_TRACKING_URI names a server.
    """
    client, experiment = open_store(root, lambda: None)
    finished = client.search_runs([experiment], "attributes.status = 'FINISHED'", order_by=["attributes.end_time ASC"])
    return {run.info.run_name: _milliseconds(client, run) / 60_000 for run in finished}


def _milliseconds(client: "mlflow.MlflowClient", run: "Run") -> float:
    history = client.get_metric_history(run.info.run_id, MEASURED) if MEASURED in run.data.metrics else []
    ends = sorted(metric.timestamp for metric in history)
    if len(ends) < 2:
        return run.info.end_time - run.info.start_time
    return statistics.median(late - early for early, late in itertools.pairwise(ends)) * len(ends)
