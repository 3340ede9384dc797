"""The child process: it works, fails, hangs, is stopped or killed, and the caller always knows after seconds."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from pipeline import child
from pipeline.child import Child
from tests.imports import ROOT

COUNTS = """
from pipeline.child import Caller
caller = Caller()
print("for nobody")
for batch in caller.batches():
    for message in batch:
        caller.report(**message)
        if "done" in message:
            caller.leave()
"""

HANGS = """
import time
from pipeline.child import Caller
caller = Caller()
for signs in range(SIGNS):
    caller.report(signs=signs)
    time.sleep(0.2)
time.sleep(60)
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Make a module that a child can run."""
    monkeypatch.setenv("PYTHONPATH", os.fspath(tmp_path))

    def make(text: str) -> str:
        (tmp_path / "what_it_runs.py").write_text(text, encoding="utf-8")
        return "what_it_runs"

    return make


def test_later_reports_stand_over_earlier_ones(module):
    child = Child(module(COUNTS))
    for message in ({"epochs": 1, "error": "no"}, {"epochs": 2, "error": None}, {"done": True}):
        child.send(message)
    assert child.wait() == {"epochs": 2, "error": None, "done": True}


def test_a_child_that_fails_leaves_its_last_words(module):
    reports = Child(module("import not_installed")).wait()
    assert reports == {"error": "ModuleNotFoundError: No module named 'not_installed'"}


def test_a_child_that_is_killed_is_told_of():
    killed = Child("http.server")
    killed._process.kill()
    assert killed.wait() == {"error": "its process ended with -9"}


def test_a_machine_that_starts_no_process_is_told_of(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    unborn = Child("json.tool")
    unborn.send({"epochs": 1})
    assert "/nowhere/python" in unborn.wait()["error"]


def test_a_silent_child_is_killed(module):
    silent = Child(module(HANGS.replace("SIGNS", "1")))
    started = time.monotonic()
    assert silent.wait(silence=1) == {"signs": 0, "error": "no answer for 1 s"}
    assert time.monotonic() - started < 5
    assert silent._process.returncode == -signal.SIGKILL


def test_a_child_that_gives_signs_of_life_is_waited_for(module):
    slow = Child(module(HANGS.replace("SIGNS", "10")))
    assert slow.wait(silence=1)["signs"] == 9


def test_signs_of_life_for_ever_end_with_the_last_deadline(module):
    endless = Child(module(HANGS.replace("SIGNS", "50")))
    started = time.monotonic()
    assert endless.wait(silence=1, at_most=2)["error"]
    assert 2 <= time.monotonic() - started < 5


def test_an_error_that_was_reported_is_the_reason_also_of_a_child_that_hangs(module):
    text = HANGS.replace("SIGNS", "1").replace("signs=signs", "error='no room'")
    assert Child(module(text)).wait(silence=1)["error"] == "no room"


def test_sending_never_waits_even_for_a_child_that_is_stopped(module):
    stopped = Child(module(COUNTS))
    stopped._process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    for step in range(10_000):  # a megabyte, and a pipe holds 64 KiB
        stopped.send({"step": step, "text": "x" * 100})
    assert time.monotonic() - started < 1
    assert stopped.wait(silence=0.5)["error"].startswith("no answer")


def test_a_child_that_hangs_ends_with_its_caller(module, tmp_path, until):
    code = f"""
import time
from pipeline.child import Child
child = Child({module(HANGS.replace("SIGNS", "1"))!r})
print(child._process.pid, flush=True)
time.sleep(60)
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([os.fspath(ROOT), os.fspath(tmp_path)])}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, text=True, stdout=subprocess.PIPE) as caller:
        orphan = psutil.Process(int(caller.stdout.readline()))
        until(lambda: orphan.num_threads() > 1)
        caller.kill()
    until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE, seconds=5)


def test_control_c_is_the_callers_alone(module, tmp_path):
    code = f"""
from pipeline.child import Child
child = Child({module(COUNTS)!r})
child.send({{"epochs": 1}})
try:
    print("ready", flush=True)
    child._process.wait()
except KeyboardInterrupt:
    child.send({{"done": True}})
    print(child.wait())
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([os.fspath(ROOT), os.fspath(tmp_path)])}
    command = [sys.executable, "-c", code]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, text=True, stdout=pipe, start_new_session=True) as caller:
        assert caller.stdout.readline() == "ready\n"
        os.killpg(caller.pid, signal.SIGINT)
        try:
            assert caller.communicate(timeout=20)[0] == "{'epochs': 1, 'done': True}\n"
        finally:
            caller.kill()  # where it hangs: leaving the block waits for it


def test_what_a_child_prints_reaches_no_terminal(module, capfd):
    talkative = Child(module(COUNTS))
    talkative.send({"done": True})
    talkative.wait()
    assert capfd.readouterr() == ("", "")


def test_a_long_error_keeps_its_beginning_and_its_end_in_one_line(module):
    text = "raise_in = Caller().fail(OSError('first ' + 'x' * 500 + ' cause\\nsecond'))"
    reports = Child(module(f"from pipeline.child import Caller\n{text}")).wait()
    assert reports["error"].startswith("first xxx")
    assert reports["error"].endswith("xxx cause")
    assert len(reports["error"]) < 250


def test_mlflow_is_told_to_be_quick_and_quiet_unless_the_user_says_otherwise(monkeypatch):
    assert child.environment()["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "5"
    assert child.environment()["MLFLOW_DISABLE_TELEMETRY"] == "true"
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")
    assert child.environment()["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "60"
