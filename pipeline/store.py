"""The store of MLflow that every run and every registered model of the project goes to.

Only child processes import MLflow through here (`pipeline.child`): nothing in this module has a deadline of its own.
"""

import contextlib
import getpass
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:  # two seconds
    import mlflow

EXPERIMENT = "fer2013"

LOCK_SECONDS = 5
"""For another process to make the store, which takes it two seconds, on a busy machine more: then it is tried again."""


def open_store(root: Path, alive: Callable[[], None]) -> "tuple[mlflow.MlflowClient, str]":
    """Open the store, and create it where it is missing.

    Args:
        root: the project, whose mlflow.db and mlruns/ are the store unless MLFLOW_TRACKING_URI names another.
        alive: called after each step that takes seconds on a busy machine.

    Returns:
        A client and the id of the project's experiment.

    Raises:
        Exception: of MLflow, SQLAlchemy, filelock or the file system; the caller says what failed.
    """
    import mlflow

    alive()
    named = os.environ.get("MLFLOW_TRACKING_URI")
    uri = named or f"sqlite:///{root.resolve() / 'mlflow.db'}"
    if uri.startswith("sqlite:///") and not Path(uri.removeprefix("sqlite:///")).exists():
        create(Path(uri.removeprefix("sqlite:///")), alive)
    client = mlflow.MlflowClient(uri)
    return client, _experiment(client, None if named else (root.resolve() / "mlruns").as_uri())


def create(database: Path, alive: Callable[[], None]) -> None:
    """Make an empty SQLite store, whole or not at all.

    MLflow makes it in some seventy steps, and a store that was left between two of them is broken for good: by two
    processes at once as by the end of one. So it is made under another name, by one process at a time.
    """
    import mlflow
    import sqlalchemy

    database.parent.mkdir(parents=True, exist_ok=True)
    unfinished = database.with_name(f".{database.name}.new")
    with FileLock(database.with_name(f".{database.stem}.lock"), timeout=LOCK_SECONDS):
        alive()
        if database.exists():
            return
        for left in database.parent.glob(f"{unfinished.name}*"):
            left.unlink()
        sqlalchemy.event.listen(sqlalchemy.Engine, "connect", _without_waiting_for_the_disk)
        try:
            mlflow.MlflowClient(f"sqlite:///{unfinished}").search_experiments(max_results=1)
        finally:
            sqlalchemy.event.remove(sqlalchemy.Engine, "connect", _without_waiting_for_the_disk)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(database)
    alive()


def origin() -> dict[str, str]:
    """Return who started this run, the Git commit and DVC's experiment, as far as there are any."""
    origin = {"git_commit": _commit(), "dvc_experiment": os.environ.get("DVC_EXP_NAME", "")}
    with contextlib.suppress(OSError, KeyError, ImportError):  # a user without a name
        origin["mlflow.user"] = getpass.getuser()
    return {key: value for key, value in origin.items() if value}


def _experiment(client: "mlflow.MlflowClient", artifacts: str | None) -> str:
    """Return the id of the experiment; another process may create it at the same time."""
    from mlflow.exceptions import MlflowException

    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return client.create_experiment(name, artifact_location=artifacts)
        except MlflowException:
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    return found.experiment_id


def _without_waiting_for_the_disk(connection: object, _: object) -> None:
    """Spare a store in the making seventy waits for the disk; it is waited for once, before the store has its name."""
    connection.execute("PRAGMA synchronous = OFF")


def _commit() -> str:
    """Return the commit of the working tree; empty without Git, a repository or a commit."""
    command = ["git", "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""
