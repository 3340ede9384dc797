"""A host whose link is cut is given up within seconds, and its training ends elsewhere with the same bytes."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from openfer.cluster import knock
from pipeline.cluster import threads
from sample.demo import clean_environment
from tests.pipeline.cluster.conftest import HEALTH, TRAINING, epochs_home, outputs, said, start
from tests.servers import free_port

NOTICED = 20
"""Seconds that docs/cluster.md's health checks may take; Ray's own took minutes."""

pytestmark = [
    pytest.mark.ray,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs requirements-ray.txt"),
    pytest.mark.skipif(
        shutil.which("ip") is None or os.geteuid() != 0, reason="network namespaces need root and iproute2"
    ),
]


class Network:
    """A bridge on this machine, and hosts that are namespaces with a cable to it."""

    def __init__(self, token: Path) -> None:
        self.name = f"fer{os.getpid() % 10_000}"
        self.subnet = f"10.{77 + os.getpid() % 100}.0"
        settings = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token), "RAY_USAGE_STATS_ENABLED": "0"}
        self.environment = HEALTH | settings
        self.head = f"{self.subnet}.1:{free_port()}"

    @contextmanager
    def bridge(self) -> Iterator[None]:
        """Set up the bridge and the head, which has no processors."""
        ip("link", "add", self.name, "type", "bridge")
        try:
            ip("addr", "add", f"{self.subnet}.1/24", "dev", self.name)
            ip("link", "set", self.name, "up")
            address, port = self.head.split(":")
            words = ("--head", f"--port={port}", f"--node-ip-address={address}", "--include-dashboard=false")
            with self.node(*words, "--num-cpus=0"):
                self.wait_for(address, int(port))
                yield
        finally:
            ip("link", "del", self.name)

    def wait_for(self, address: str, port: int) -> None:
        """Wait until the head answers: hosts do not."""
        deadline = time.monotonic() + 120
        while True:
            try:
                return knock(address, port, 1)
            except OSError:
                assert time.monotonic() < deadline, "the head did not start"
                time.sleep(0.1)

    @contextmanager
    def host(self, number: int) -> Iterator[str]:
        """Set up a host that has the processors of one training; its name."""
        name, cable = f"{self.name}h{number}", f"{self.name}c{number}"
        ip("netns", "add", name)
        try:
            ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", cable, "master", self.name, "up")
            address = f"{self.subnet}.{number + 1}"
            for words in (("addr", "add", f"{address}/24", "dev", "eth0"), ("link", "set", "eth0", "up")):
                ip("-n", name, *words)
            ip("-n", name, "link", "set", "lo", "up")
            words = (f"--address={self.head}", f"--node-ip-address={address}", f"--num-cpus={threads()}")
            with self.node(*words, within=("ip", "netns", "exec", name)):
                yield name
        finally:
            for process in pids(name):
                os.kill(process, signal.SIGKILL)
            ip("netns", "del", name)

    def cut(self, name: str) -> None:
        """Pull the cable of a host."""
        ip("link", "set", name.replace("h", "c"), "down")

    @contextmanager
    def node(self, *words: str, within: tuple[str, ...] = ()) -> Iterator[None]:
        """Run a node of Ray, and end all of its processes."""
        with tempfile.TemporaryDirectory(prefix="r", ignore_cleanup_errors=True) as folder:  # short: sockets lie there
            ray = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block"]
            size = "--object-store-memory=100000000"
            process = subprocess.Popen(
                [*within, *ray, *words, size, *(("--temp-dir", folder) if "--head" in words else ())],
                env=clean_environment() | self.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                yield
            finally:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()


def ip(*words: str) -> str:
    """Run `ip`."""
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def pids(name: str) -> list[int]:
    """Return the processes of a host."""
    return [int(word) for word in ip("netns", "pids", name).split()]


def at_work(name: str) -> bool:
    """Tell whether a host trains."""
    return any(b"ray::Trainer.train" in Path(f"/proc/{process}/cmdline").read_bytes() for process in pids(name))


@pytest.fixture
def network(tmp_path):
    """A cluster of two hosts."""
    token = tmp_path / "token"
    token.write_text("of-the-tests-" * 4)
    network = Network(token)
    with ExitStack() as stack:
        stack.enter_context(network.bridge())
        network.hosts = [stack.enter_context(network.host(number)) for number in (1, 2)]
        yield network


def test_a_cut_link_is_noticed_and_the_training_goes_on_on_another_host(network, local, project, until):
    driver = start(project, *TRAINING, **network.environment, RAY_ADDRESS=network.head)
    try:
        until(lambda: epochs_home(project) >= 1 or driver.poll() is not None, 240)
        assert driver.poll() is None, said(project)
        (busy,) = filter(at_work, network.hosts)
        network.cut(busy)
        cut = time.monotonic()
        until(lambda: "it goes on on another" in said(project), 240)
        noticed = time.monotonic() - cut
        assert driver.wait(240) == 0, said(project)
    finally:
        driver.kill()
    assert noticed <= NOTICED
    assert outputs(project) == outputs(local)
