"""A cluster of one host with two cores and a token, for as long as the tests take that need it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.imports import ROOT
from tests.servers import free_port

TOKEN = "0123456789abcdef0123456789abcdef"


@dataclass
class Head:
    """Where it is, its process, and what a user sets to reach it."""

    address: str
    process: subprocess.Popen
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *words: object) -> list[str]:
        return [sys.executable, *map(str, words)]

    def start(self, *words: object, **environment: str) -> subprocess.Popen:
        """Start Python on something as a user who has the token."""
        return subprocess.Popen(
            self.command(*words),
            cwd=ROOT,
            env=os.environ | self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: object, **environment: str) -> tuple[int, str, str]:
        """Run Python to its end; return its exit code, what it said and its errors."""
        process = self.start(*words, **environment)
        said, errors = process.communicate(timeout=120)
        return process.returncode, said, errors


@pytest.fixture(scope="session")
def head() -> Iterator[Head]:
    """Sockets of Ray need a short path, which pytest's folders have not."""
    pytest.importorskip("ray", reason="needs requirements-ray.txt")
    folder = tempfile.mkdtemp(prefix="ray-")
    address = f"127.0.0.1:{free_port()}"
    environment = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": TOKEN,
        "RAY_ADDRESS": address,
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    words = ["--head", "--block", "--port", address.rpartition(":")[2], "--node-ip-address", "127.0.0.1"]
    words += ["--num-cpus", "2", "--object-store-memory", "80000000", "--include-dashboard", "false"]
    words += ["--ray-client-server-port", str(free_port()), "--temp-dir", folder, "--disable-usage-stats"]
    start = [sys.executable, "-c", "from ray.scripts.scripts import main; main()", "start", *words]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(start, cwd=folder, env=os.environ | environment, **quiet)
    found = Head(address, process, environment)
    try:
        wait_for(lambda: found.run("-m", "openfer", "cluster", "check")[0] == 0, 60)
        yield found
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(happened, seconds: float) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def many(photographs, tmp_path_factory) -> Path:
    """Forty files: photographs, and in the middle some that cannot be read."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(36):
        shutil.copy(photographs / "astronaut.png", folder / f"{number:03} a.png")
    shutil.copy(photographs / "broken.jpg", folder / "012 broken.jpg")
    shutil.copy(photographs / "wall.png", folder / "013 wall.png")
    (folder / "=014.png").write_bytes(b"")
    (folder / os.fsdecode(b"015 \xff.png")).symlink_to("nowhere")
    return folder
