"""A project with drawn faces that are ingested, and a search over two numbers of the smallest CNN."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import yaml

pytest.importorskip("optuna", reason="needs requirements-search.txt")

from sample.demo import clean_environment
from tests.conftest import Project, new_project

TINY = {
    "stage": "train@cnn",
    "module": "stages.train cnn",
    "params": "params.yaml",
    "seed": 42,
    "set": {"train.epochs": 2, "train.batch_size": 8, "train.keep": "last"},
    "space": {
        "train.learning_rate": {"low": 0.001, "high": 0.3, "log": True},
        "networks.cnn.dropout": {"low": 0.0, "high": 0.5},
    },
}
QUICK_TO_GIVE_UP = "import search.study; search.study.GRACE = 1; "


@pytest.fixture(scope="session")
def drawn(tmp_path_factory) -> Project:
    """A project in which nothing but `ingest` has run; no test changes it."""
    project = new_project(tmp_path_factory.mktemp("drawn") / "project")
    project.run("dvc", "repro", "ingest")
    return project


@pytest.fixture
def project(drawn, tmp_path) -> Project:
    """A copy with the search in tiny.yaml."""
    copy = drawn.copy(tmp_path / "project")
    write(copy.folder / "tiny.yaml", TINY)
    return copy


def write(path: Path, space: dict) -> None:
    """Write a search."""
    path.write_text(yaml.safe_dump(space, sort_keys=False), encoding="utf-8")


def start(project: Project, *options: str, before: str = "", **environment: str) -> subprocess.Popen:
    """Start `python -m search tiny.yaml` with options, after a statement."""
    call = f"{before}import runpy, sys; sys.argv[0] = 'search'; runpy.run_module('search', run_name='__main__')"
    return subprocess.Popen(
        [sys.executable, "-c", call, "tiny.yaml", *options],
        cwd=project.folder,
        env=clean_environment() | {"PYTHONPATH": str(project.folder)} | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def search(project: Project, *options: str, **named: str) -> str:
    """Search to the end and return what was printed."""
    process = start(project, *options, **named)
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0, printed
    return printed


def held(project: Project, query: str, study: str = "tiny") -> list[tuple]:
    """Ask the database of a study."""
    database = project.folder / ".search" / study / "study.db"
    if not database.exists():
        return []
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        return connection.execute(query).fetchall()
