"""A cluster that cannot be joined is one line within seconds, and Ray is no part of a training without one."""

import os
import re
import socket
import subprocess
import sys
import threading
import time

import pytest

from pipeline import cluster
from pipeline.cluster import engine
from pipeline.cluster.connection import probe
from tests.pipeline.cluster.conftest import TRAINING


def test_without_an_address_trainings_run_here_and_ray_is_not_imported():
    code = (
        "import sys; import stages.train; from pipeline.cluster import engine; "
        "assert engine.trainer('tensorflow') is None; assert 'ray' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], env=os.environ | {cluster.ADDRESS: ""}, check=True)


@pytest.mark.parametrize("address", ["auto", "ray://head:10001", "head", "head:port", "head:²", ":6379"])
def test_what_is_no_host_and_port_is_told(address):
    with pytest.raises(cluster.ClusterError, match=f"must be HOST:PORT .*Received: {address}"):
        probe(address)


def test_an_address_at_which_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(cluster.ClusterError, match=f"no cluster answers at 127.0.0.1:{port} .*refused"):
        probe(f"127.0.0.1:{port}")


def test_an_address_at_which_something_keeps_silent(monkeypatch):
    monkeypatch.setattr("pipeline.cluster.connection.PATIENCE", 0.2)
    silent = pytest.raises(cluster.ClusterError, match=r"no cluster answers .*timed out")
    with socket.create_server(("127.0.0.1", 0)) as server, silent:
        probe(f"127.0.0.1:{server.getsockname()[1]}")


def test_what_talks_in_tls_alone_is_not_asked(monkeypatch):
    monkeypatch.setenv("RAY_USE_TLS", "1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        probe(f"127.0.0.1:{server.getsockname()[1]}")


def test_an_address_at_which_something_else_answers():
    def answer():
        line, _ = server.accept()
        line.recv(100)
        line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        line.close()

    other = pytest.raises(cluster.ClusterError, match=r"no cluster answers .*no Ray: b'HTTP")
    with socket.create_server(("127.0.0.1", 0)) as server, other:
        threading.Thread(target=answer, daemon=True).start()
        probe(f"127.0.0.1:{server.getsockname()[1]}")


def test_a_machine_without_ray_is_told_what_to_install(monkeypatch):
    monkeypatch.setenv(cluster.ADDRESS, "127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(cluster.ClusterError, match=re.escape("Ray is not installed: pip install -r requirements-ray")):
        engine.trainer("tensorflow")


@pytest.mark.ray
def test_a_wrong_token_is_one_line(hosts, project, tmp_path):
    (tmp_path / "wrong").write_text("not-of-the-tests-" * 3)
    wrong = hosts.environment | {"RAY_AUTH_TOKEN_PATH": str(tmp_path / "wrong")}
    began = time.monotonic()
    printed = project.run(*TRAINING, check=False, **wrong)
    assert time.monotonic() - began < 15
    assert "train: the cluster at" in printed
    assert "is the token the same on all machines" in printed
    assert "Traceback" not in printed
