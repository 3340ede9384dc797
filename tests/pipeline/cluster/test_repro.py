"""`python -m pipeline.cluster`: order, how many at once, failures; and on a cluster, the lock of a local run."""

import re
import signal
import subprocess
import sys
import time

import pytest
import yaml

from pipeline import paths
from pipeline.cluster.repro import Repro, ReproError, _tell, graph, trains
from sample.demo import set_params
from tests.imports import ROOT
from tests.pipeline.cluster.conftest import epochs_home, outputs, said, start

FOLDERS = ("", "crowd/", "baselines/", "transfer/", "search/")


@pytest.mark.ray
def test_trainings_run_side_by_side_on_the_hosts_and_nothing_is_left_to_do(hosts, local, project):
    printed = project.run("pipeline.cluster", "train@cnn", "train@vgg", **hosts.environment)
    begun = [printed.index(f"{name}: Running stage") for name in ("train@cnn", "train@vgg")]
    ended = [printed.index(f"{name}: accuracy on PublicTest") for name in ("cnn", "vgg")]
    assert max(begun) < min(ended)
    locked, there = (yaml.safe_load(one.lock())["stages"]["train@cnn"] for one in (local, project))
    assert locked == there
    assert outputs(project) == outputs(local)
    assert "Running stage" not in project.run("dvc", "repro", "train@cnn", "train@vgg")


def test_a_stage_waits_for_those_that_it_needs():
    found = graph(["crowd/dvc.yaml"])
    assert found["crowd/dvc.yaml:train@vgg"] >= {"crowd/dvc.yaml:votes", "ingest", "code"}
    assert found["code"] == set()


def test_an_unknown_target_is_told():
    with pytest.raises(ReproError, match="no_such_stage"):
        graph(["no_such_stage"])


def stages_of(file: str) -> dict:
    return yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))["stages"]


def test_the_stages_that_go_to_the_cluster_are_those_whose_command_is_a_training():
    for folder in FOLDERS:
        for name, stage in stages_of(f"{folder}dvc.yaml").items():
            command = stage.get("do", stage)["cmd"]
            assert trains(f"{folder}dvc.yaml:{name}@x") == bool(re.search(r"\.train\b", command)), name


class Process:
    """Stands for a `dvc repro`, which takes three looks."""

    pid = 0

    def __init__(self, code: int) -> None:
        self.looks, self.returncode, self.reader = 3, code, self

    def poll(self):
        self.looks -= 1
        return None if self.looks else self.returncode

    def join(self):
        pass


@pytest.fixture
def begun(monkeypatch):
    """What begins, and how much then runs; a stage called "bad" fails."""
    found = []

    def start(stage):
        found.append(stage)
        return Process(int(stage == "bad"))

    monkeypatch.setattr("pipeline.cluster.repro.start", start)
    monkeypatch.setattr("pipeline.cluster.repro.LOOK", 0)
    return found


def test_trainings_fill_the_cluster_and_other_stages_run_one_by_one(begun, monkeypatch):
    most = {True: 0, False: 0}
    whole = {"a": set(), "b": set(), "end": {"train@x", "train@z"}}
    whole |= {f"train@{name}": {"a"} for name in "xyz"}
    repro = Repro(whole, trainings=2)
    look = repro._end

    def count():
        for kind in most:
            most[kind] = max(most[kind], sum(trains(stage) == kind for stage in repro.running))
        look()

    monkeypatch.setattr(repro, "_end", count)
    repro.run()
    assert most == {True: 2, False: 1}
    assert sorted(begun) == ["a", "b", "end", "train@x", "train@y", "train@z"]
    assert begun.index("a") < begun.index("train@x") < begun.index("end")


def test_after_a_failure_what_runs_comes_to_its_end_and_nothing_begins(begun):
    repro = Repro({"bad": set(), "train@x": set(), "next": {"bad"}, "other": {"train@x"}}, trainings=1)
    with pytest.raises(ReproError, match="failed: bad; not begun: next, other"):
        repro.run()
    assert repro.done == {"train@x"}


def test_a_progress_bar_is_told_now_and_then_and_all_else_at_once(capsys):
    _tell("train@x", ["begins\n", " 1%|x\n", " 2%|x\n", "\n", "ends\n"])
    assert capsys.readouterr().out == "train@x: begins\ntrain@x:  1%|x\ntrain@x: ends\n"


def test_a_failing_stage_says_why(project):
    set_params(project.folder / "params.yaml", {"data.source": "nowhere.csv"})
    printed = project.run("pipeline.cluster", "ingest", check=False)
    assert re.search(r"ingest: .*nowhere\.csv", printed)
    assert "cluster: failed: ingest" in printed


ENDED = """
import signal, sys, time
from pipeline.cluster import __main__ as cluster

def main(targets, jobs):
    try:
        print("begun", flush=True)  # the signal may come from here on
        time.sleep(60)
    finally:  # a second signal must not keep what runs from being ended
        signal.raise_signal(signal.SIGHUP)
        print("in peace", flush=True)

cluster.main = main
sys.argv = ["cluster"]
cluster.run()
"""


def hung_up(first: str) -> subprocess.Popen:
    """A process that runs stages after a first line, once its terminal was closed."""
    command = [sys.executable, "-c", first + ENDED]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGHUP)
    return process


def test_a_terminal_that_is_closed_ends_all_in_peace():
    process = hung_up("import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)")
    assert process.wait(20) == 1
    assert process.stdout.read() == "in peace\n"


def test_under_nohup_a_terminal_may_be_closed():
    process = hung_up("import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    process.kill()


@pytest.mark.slow
def test_ctrl_c_ends_what_runs_and_the_next_run_goes_on(project, until):
    run = start(project, "pipeline.cluster", "train@cnn")
    until(lambda: epochs_home(project) >= 1, 240)
    run.send_signal(signal.SIGINT)
    assert run.wait(20) == 1
    assert said(project).endswith("cluster: ended; the same command goes on where it was\n")
    epochs = epochs_home(project)
    time.sleep(2)
    assert epochs_home(project) == epochs
    assert not (project.folder / paths.model_path("cnn")).exists()
