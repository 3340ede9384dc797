"""MLflow's SQLite store, read as another program would read it, also while it is written."""

import sqlite3
from contextlib import closing
from pathlib import Path


def rows(folder: Path, query: str) -> list[tuple]:
    """Return what a query finds in the store of a project; nothing where there is no store yet."""
    if not (folder / "mlflow.db").exists():
        return []
    with closing(sqlite3.connect(folder / "mlflow.db", timeout=20)) as database:
        return database.execute(query).fetchall()
