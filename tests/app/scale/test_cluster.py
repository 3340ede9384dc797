"""`openfer cluster check`: a cluster that is well, and one line within ten seconds for every one that is not."""

import contextlib
import socket
import subprocess
import time

import pytest

from openfer.app import cluster
from openfer.app.cli import main

VERSION = "RuntimeError: Version mismatch: The cluster was started with:\n    Ray: 2.59.0\n    Python: 3.12.1\n\
This process on node 10.0.0.2 was started with:\n    Ray: 2.60.0\n    Python: 3.11.7\n"


@contextlib.contextmanager
def ten_seconds():
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 10


def test_a_cluster_says_its_hosts_devices_and_versions(head):
    with ten_seconds():
        code, said, errors = head.run("-m", "openfer", "cluster", "check", "--address", head.address)
    assert (code, errors) == (0, "")
    assert said.splitlines()[0] == f"{head.address} answers: hosts: 1, 2 CPU, 0 GPU"
    here = cluster.versions()
    assert {"Python", "Ray", "ONNX Runtime", "OpenCV"} <= set(here)
    assert all(f"{name} {version}" in said.splitlines()[1] for name, version in here.items())


def test_a_wrong_token_is_one_line(head):
    with ten_seconds():
        code, said, errors = head.run("-m", "openfer", "cluster", "check", RAY_AUTH_TOKEN="f" * 32)
    assert (code, said, errors.count("\n")) == (2, "", 1)
    assert "the token is wrong or missing" in errors


@pytest.mark.parametrize(
    "address", ["127.0.0.1:1", "nowhere.invalid:6379", "cluster", "ray://127.0.0.1:10001", "a:b", "a:²"]
)
def test_an_address_where_nobody_answers_is_one_line(address, capsys):
    with ten_seconds():
        assert main(["cluster", "check", "--address", address]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith(f"cluster: {address}: ")
    assert errors.count("\n") == 1


def test_without_an_address_it_asks_for_one(monkeypatch, capsys):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert main(["cluster", "check"]) == 2
    assert capsys.readouterr().err == "cluster: which cluster? --address HOST:PORT, or RAY_ADDRESS\n"


def test_a_port_that_keeps_silent_is_one_line(capsys):
    with socket.create_server(("127.0.0.1", 0)) as silent, ten_seconds():
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert main(["cluster", "check", "--address", address]) == 2
    assert capsys.readouterr().err == f"cluster: {address}: nobody answers there (timed out)\n"


def test_busy_hosts_may_take_longer_where_a_run_waits_for_the_cluster(monkeypatch):
    def slow(words, **_):
        limits.append(float(words[-1]))
        return subprocess.CompletedProcess(words, 0, "[]", "")

    limits: list[float] = []
    monkeypatch.setattr(cluster, "_probe", lambda address: None)
    monkeypatch.setattr(cluster.subprocess, "run", slow)
    for seconds in (cluster.ANSWER, cluster.PATIENCE):
        assert cluster.report("127.0.0.1:6379", seconds) == []
    assert limits == [cluster.ANSWER / 2, cluster.PATIENCE / 2]


def test_another_version_of_ray_or_python_is_one_line():
    assert cluster.reason_of(VERSION) == (
        "another version: the cluster has Ray 2.59.0, Python 3.12.1, this machine Ray 2.60.0, Python 3.11.7"
    )


def test_hosts_that_differ_are_named_and_keras_may_be_missing():
    here = {"Python": "3.11.7", "OpenCV": "4.14.0", "Keras": "3.15.1"}
    hosts = [
        {"name": "a", "versions": here},
        {"name": "b", "versions": {"Python": "3.11.7", "OpenCV": "4.13.0"}},
        {"name": "c", "versions": {"Python": "3.11.7", "Keras": "3.0.0"}},
        {"name": "d", "versions": {}},
    ]
    assert cluster.differences(here, hosts) == [
        "d does not answer",
        "b has OpenCV 4.13.0, this machine 4.14.0",
        "c has OpenCV not at all, this machine 4.14.0",
        "c has Keras 3.0.0, this machine 3.15.1",
    ]
