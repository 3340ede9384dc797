"""Tracking: one whole MLflow run a training, live, and a store that fails costs a warning, never the training."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from filelock import FileLock

from pipeline import child
from pipeline.tracking import live_run
from tests.imports import ROOT
from tests.pipeline.database import rows
from tests.servers import tracking_server

EPOCHS = 5
HISTORY = [{"epoch": epoch, "public_accuracy": epoch / 10, "train_loss": 2 / epoch} for epoch in range(1, EPOCHS + 1)]

TRAINING = """
import logging, os, sys, time
from pathlib import Path

from pipeline.tracking import live_run

logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
name, last = sys.argv[1], int(sys.argv[2])
history = [{"epoch": epoch, "public_accuracy": epoch / 10, "train_loss": 2 / epoch} for epoch in range(1, last + 1)]
with live_run(Path("."), name, f"key of {name}", {"seed": 42, "rate": 0.05}, {"sha256 labels.npy": "0f"}) as run:
    for row in history:
        run.epoch(row)
    print("trained", flush=True)
    if "waits" in sys.argv:
        time.sleep(60)
    run.finish(history, [Path("history.csv")])
print("went on")
"""


def start(folder, name: str, epochs: int = EPOCHS, *how: str, **variables: str) -> subprocess.Popen:
    (folder / "history.csv").touch()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "DVC_"))}
    return subprocess.Popen(
        [sys.executable, "-c", TRAINING, name, str(epochs), *how],
        cwd=folder,
        env=environment | {"PYTHONPATH": os.fspath(ROOT)} | variables,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def track(folder, key: str = "key"):
    return live_run(folder, "train@cnn", key, {"seed": 42}, {})


def statuses(folder) -> list[tuple]:
    return rows(folder, "SELECT name, status FROM runs ORDER BY start_time")


def steps(folder, key: str = "public_accuracy") -> list[int]:
    return [step for (step,) in rows(folder, f"SELECT step FROM metrics WHERE key = '{key}' ORDER BY step")]


def warnings(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "pipeline.tracking"]


@pytest.fixture(scope="module")
def cold(tmp_path_factory):
    """A project after two trainings that opened its cold store at the same time, and what they wrote."""
    folder = tmp_path_factory.mktemp("project")
    trainings = [start(folder, "train@cnn", 600), start(folder, "train@vgg", DVC_EXP_NAME="lanky-gulf")]
    return folder, [training.communicate(timeout=120) for training in trainings]


@pytest.fixture(scope="module")
def warm(cold):
    """A project whose store exists."""
    return cold[0]


@pytest.fixture
def project(warm, tmp_path):
    """A project of its own with an empty store, copied from one that took seconds to make."""
    with closing(sqlite3.connect(warm / "mlflow.db")) as old, closing(sqlite3.connect(tmp_path / "mlflow.db")) as new:
        old.backup(new)
        for table in ("metrics", "latest_metrics", "params", "tags", "runs"):
            new.execute(f"DELETE FROM {table}")
        new.execute("UPDATE experiments SET artifact_location = ?", [(tmp_path / "mlruns").as_uri()])
        new.commit()
    return tmp_path


@pytest.fixture
def server(tmp_path, monkeypatch):
    with tracking_server(f"{tmp_path}/artifacts") as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server.url)
        yield server


def test_two_trainings_that_open_a_cold_store_at_once_are_both_whole(cold):
    folder, printed = cold
    assert sorted(statuses(folder)) == [("train@cnn", "FINISHED"), ("train@vgg", "FINISHED")]
    assert printed == [("trained\nwent on\n", "")] * 2  # not a word of MLflow's on the terminal


def test_every_epoch_is_a_step_also_of_more_than_one_batch_of_metrics(cold):
    query = "SELECT key, step, value FROM metrics JOIN runs USING (run_uuid) WHERE name = 'train@cnn'"
    expected = [("public_accuracy", epoch, epoch / 10) for epoch in range(1, 601)]
    expected += [("train_loss", epoch, 2 / epoch) for epoch in range(1, 601)]
    assert sorted(rows(cold[0], query)) == sorted(expected)


def test_parameters_tags_and_files_are_kept(cold):
    folder, _ = cold
    (run,) = rows(folder, "SELECT run_uuid FROM runs WHERE name = 'train@vgg'")[0]
    assert set(rows(folder, f"SELECT key, value FROM params WHERE run_uuid = '{run}'")) == {
        ("seed", "42"),
        ("rate", "0.05"),
    }
    tags = dict(rows(folder, f"SELECT key, value FROM tags WHERE run_uuid = '{run}'"))
    assert tags["sha256 labels.npy"] == "0f"
    assert tags["dvc_experiment"] == "lanky-gulf"
    assert (folder / "mlruns" / run / "artifacts" / "history.csv").is_file()


def test_an_epoch_is_in_the_store_before_the_training_ends(project, until, caplog):
    with track(project) as run:
        run.epoch(HISTORY[0])
        sent = time.time()
        until(lambda: steps(project) == [1])
        assert statuses(project) == [("train@cnn", "RUNNING")]
        assert rows(project, "SELECT max(timestamp) / 1000.0 FROM metrics")[0][0] <= sent + 0.001
        run.finish(HISTORY, [])
    assert statuses(project) == [("train@cnn", "FINISHED")]
    assert steps(project) == steps(project, "train_loss") == [1, 2, 3, 4, 5]
    assert not warnings(caplog)


def test_a_killed_training_goes_on_in_its_run(project, until):
    killed = start(project, "train@cnn", 3, "waits")
    until(lambda: steps(project) == [1, 2, 3])
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    out, error = start(project, "train@cnn").communicate(timeout=60)  # sends 1 to 5, as after an older checkpoint
    assert (out, error) == ("trained\nwent on\n", "")
    assert statuses(project) == [("train@cnn", "FINISHED")]
    assert steps(project) == [1, 2, 3, 4, 5]


def test_a_training_that_failed_is_told_as_such_and_goes_on_in_its_run(project, until):
    with pytest.raises(KeyboardInterrupt, match="enough"), track(project) as run:
        run.epoch(HISTORY[0])
        raise KeyboardInterrupt("enough")
    assert statuses(project) == [("train@cnn", "FAILED")]
    with track(project) as run:
        until(lambda: statuses(project) == [("train@cnn", "RUNNING")])
        run.finish(HISTORY, [])
    assert statuses(project) == [("train@cnn", "FINISHED")]
    assert steps(project) == [1, 2, 3, 4, 5]


def test_a_search_has_its_name_and_tags_also_where_a_trial_is_told_first(project, until):
    with live_run(project, "tiny trial 0", "key 0", {}, {}, search="the search") as trial:
        until(lambda: len(statuses(project)) == 2)
        with live_run(project, "search tiny", "the search", {}, {"study": "tiny"}, is_search=True) as search:
            search.finish([], [])
        trial.finish(HISTORY, [])
    assert sorted(statuses(project)) == [("search tiny", "FINISHED"), ("tiny trial 0", "FINISHED")]
    assert rows(project, "SELECT value FROM tags WHERE key = 'study'") == [("tiny",)]


def test_another_training_and_a_finished_one_that_is_run_again_are_runs_of_their_own(server, tmp_path):
    with track(tmp_path, "another key"), track(tmp_path) as run:
        run.finish(HISTORY, [])
    with track(tmp_path) as run:
        run.finish(HISTORY, [])
    assert sorted(run["info"]["status"] for run in server.runs.values()) == ["FAILED", "FINISHED", "FINISHED"]


def test_a_server_that_never_answers_costs_one_warning_and_seconds(server, tmp_path, monkeypatch, until, caplog):
    monkeypatch.setattr(child, "SILENCE", 1)
    server.mood = "silent"
    with track(tmp_path) as run:
        for row in HISTORY:
            run.epoch(row)
        until(lambda: server.asked)
        started = time.monotonic()
        run.finish(HISTORY, [])
        assert time.monotonic() - started < 5
    (warning,) = warnings(caplog)
    assert "train@cnn was not recorded (1 s): no answer for 1 s" in warning


def test_a_server_that_asks_for_two_minutes_does_not_get_them(server, tmp_path, until, caplog):
    server.mood = "busy"
    with track(tmp_path) as run:
        until(lambda: server.asked)
        started = time.monotonic()
        run.finish(HISTORY, [])
        assert time.monotonic() - started < 5
    (warning,) = warnings(caplog)
    assert "503" in warning


def test_a_port_where_nobody_listens_costs_one_warning(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(RuntimeError, match="diverged"), track(tmp_path) as run:
        run.epoch(HISTORY[0])
        raise RuntimeError("diverged")
    (warning,) = warnings(caplog)
    assert "Connection refused" in warning
    assert not (tmp_path / "mlflow.db").exists()


def test_a_server_that_dies_half_way_is_told_with_what_it_holds(server, tmp_path, until, caplog):
    with track(tmp_path) as run:
        for row in HISTORY[:3]:
            run.epoch(row)
        until(lambda: len(server.metrics) == 6)
        server.shutdown()
        server.server_close()
        run.epoch(HISTORY[3])
        run.finish(HISTORY, [])
    (warning,) = warnings(caplog)
    assert "train@cnn is not complete, epochs recorded: 3" in warning


def once(server) -> None:
    """Require one finished run with every epoch once."""
    ((run_id, run),) = server.runs.items()
    assert run["info"]["status"] == "FINISHED"
    expected = [(run_id, key, step) for key in ("public_accuracy", "train_loss") for step in range(1, EPOCHS + 1)]
    assert sorted(server.metrics) == expected


def test_a_server_that_comes_back_has_the_whole_run_once(server, tmp_path, until, caplog):
    with track(tmp_path) as run:
        run.epoch(HISTORY[0])
        until(lambda: len(server.metrics) == 2)
        server.mood, asked = "busy", server.asked
        for row in HISTORY[1:3]:
            run.epoch(row)
        until(lambda: server.asked > asked)
        server.mood = "well"
        run.finish(HISTORY, [])
    assert not warnings(caplog)
    once(server)


def test_whatever_answer_is_lost_nothing_is_there_twice(server, tmp_path, until, caplog):
    server.unanswered = "runs/create"
    with track(tmp_path) as run:
        until(lambda: not server.unanswered)
        run.epoch(HISTORY[0])
        until(lambda: len(server.metrics) == 2)
        server.unanswered = "runs/log-batch"
        run.epoch(HISTORY[1])
        until(lambda: not server.unanswered)
        run.epoch(HISTORY[2])
        until(lambda: len(server.metrics) == 6)
        server.unanswered = "runs/update"
        run.finish(HISTORY, [])
    assert not warnings(caplog)
    once(server)


def test_a_store_that_another_process_makes_for_ever_costs_one_warning(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(child, "SILENCE", 4)
    with FileLock(tmp_path / ".mlflow.lock"), track(tmp_path) as run:
        started = time.monotonic()
        run.finish(HISTORY, [])
        assert time.monotonic() - started < 12
    assert "train@cnn was not recorded" in " ".join(warnings(caplog))
    assert len(warnings(caplog)) == 1


def test_a_locked_store_costs_one_warning_and_seconds(project, monkeypatch, until, caplog):
    with closing(sqlite3.connect(project / "mlflow.db")) as other, track(project) as run:
        run.epoch(HISTORY[0])
        until(lambda: steps(project) == [1])
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(child, "SILENCE", 1)
        run.finish(HISTORY, [])
        other.rollback()
    (warning,) = warnings(caplog)
    assert "epochs recorded: 1 (1 s): no answer for 1 s" in warning
    assert steps(project) == [1]


def test_a_training_ends_with_its_code_in_seconds_whatever_the_server_does(server, tmp_path):
    server.mood = "slow"
    started = time.monotonic()
    training = start(tmp_path, "train@cnn", MLFLOW_TRACKING_URI=server.url)
    out, error = training.communicate(timeout=60)
    assert (out, training.returncode) == ("trained\nwent on\n", 0)
    assert len(error.splitlines()) == 1
    words = (
        r"pipeline.tracking WARNING MLflow: train@cnn was not recorded \(1\d s\): no answer for 10 s\. The training .+"
    )
    assert re.fullmatch(words, error.strip())
    assert time.monotonic() - started < 20
