"""A cluster of Ray: does it answer, which hosts has it, do they have the versions of this machine?"""

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from openfer.cluster import ClusterError, host_and_port, knock

PROBE, ANSWER, PATIENCE = 2.0, 8.5, 40.0
"""Seconds that a port has to answer; that all of a check may take; and what a run waits for a cluster that is busy.
Ray itself waits for minutes."""

READING = {
    "ONNX Runtime": ("onnxruntime",),
    "OpenCV": ("opencv-contrib-python-headless", "opencv-contrib-python"),
    "Pillow": ("pillow",),
    "pillow-heif": ("pillow-heif",),
    "PyAV": ("av",),
}
"""Packages that rows of pictures and films depend on."""

PACKAGES = {"Ray": ("ray",)} | READING | {"Keras": ("keras",)}
"""Packages that results depend on; only a training needs the last one."""

QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Ray counts its users unless it is told not to; it is to leave alone what says which GPU is used."""


def main(options: argparse.Namespace) -> int:
    """Say how a cluster is; return 0 where it can be worked with, 1 where a version differs.

    Args:
        options: "address" as openfer/app/cli.py defines it.

    Raises:
        ClusterError: no address is given, or the cluster there does not answer.
    """
    address = wanted(options.address)
    if address is None:
        raise ClusterError("which cluster? --address HOST:PORT, or RAY_ADDRESS")
    hosts = report(address)
    total = {kind: sum(host["devices"].get(kind, 0) for host in hosts) for kind in ("CPU", "GPU")}
    sums = ", ".join(f"{count:g} {kind}" for kind, count in total.items())
    sys.stdout.write(f"{address} answers: hosts: {len(hosts)}, {sums}\n")
    for host in hosts:
        sys.stdout.write(f"{host['name']}: {_facts(host['devices'])}; {_facts(host['versions'])}\n")
    unlike = differences(versions(), hosts)
    for line in unlike:
        sys.stderr.write(f"{line}\n")
    return int(bool(unlike))


def _facts(values: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in values.items()
    )


def wanted(address: str | None) -> str | None:
    """Return the address of a cluster: the one that is given, or that of RAY_ADDRESS; None where there is none."""
    return address or os.environ.get("RAY_ADDRESS") or None


def versions() -> dict[str, str]:
    """Return the versions that this machine has, of Python first."""
    return {"Python": platform.python_version()} | _installed(PACKAGES)


def _installed(packages: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the version of each package, which may have one of several names, that is installed."""
    found = {}
    for name, called in packages.items():
        for one in called:
            with suppress(importlib.metadata.PackageNotFoundError):
                found.setdefault(name, importlib.metadata.version(one))
    return found


def software() -> dict[str, str]:
    """Return the versions that rows of pictures and films depend on."""
    return _installed(READING)


def release() -> dict[str, str]:
    """Return the version of openfer, whose code is sent to hosts; a checkout has none."""
    return _installed({"openfer": ("openfer",)})


def differences(here: Mapping[str, str], hosts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for each version of each host that is not that of this machine; Keras is not needed everywhere."""
    silent = [f"{host['name']} does not answer" for host in hosts if not host["versions"]]
    return silent + [
        f"{host['name']} has {name} {host['versions'].get(name, 'not at all')}, this machine {version}"
        for host in hosts
        for name, version in here.items()
        if host["versions"] and host["versions"].get(name, version if name == "Keras" else None) != version
    ]


def report(address: str, seconds: float = ANSWER) -> list[dict[str, Any]]:
    """Return "name", "versions" and "devices" of each host.

    A process of its own asks, as Ray's own attempts to connect cannot be ended.

    Args:
        address: of the cluster.
        seconds: after which it is taken for silent.

    Raises:
        ClusterError: nobody answers there, or another than was expected.
    """
    end = time.monotonic() + seconds
    _probe(address)
    # Half of the time is for Python to start and for Ray to connect.
    words = [sys.executable, "-m", "openfer.app.scale.hosts", address, str(seconds / 2)]
    environment = os.environ | QUIET | {"PYTHONPATH": os.pathsep.join([_code(), *sys.path])}
    try:
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=end - time.monotonic())
    except subprocess.TimeoutExpired as error:
        raise ClusterError(f"{address}: {reason_of((error.stderr or b'').decode(errors='replace'))}") from None
    if done.returncode:
        raise ClusterError(f"{address}: {reason_of(done.stderr)}")
    return json.loads(done.stdout.splitlines()[-1])


def _code() -> str:
    return str(Path(__file__).parents[2])


def _probe(address: str) -> None:
    """Knock at the port.

    Raises:
        ClusterError: the address is none, or nobody answers there.
    """
    place = host_and_port(address)
    if place is None:
        raise ClusterError(f"{address}: the address of a cluster is HOST:PORT, as `ray start --head` prints it")
    try:
        knock(*place, PROBE)
    except (OSError, OverflowError, UnicodeError) as error:
        raise ClusterError(f"{address}: nobody answers there ({error})") from None


def reason_of(said: str) -> str:
    """Return in one line why a cluster was of no use, from what Ray wrote meanwhile."""
    if "InvalidAuthToken" in said or "Unauthenticated" in said or "AuthenticationError" in said:
        return "the token is wrong or missing: RAY_AUTH_MODE=token, and the cluster's token in RAY_AUTH_TOKEN_PATH"
    if "Version mismatch" in said:
        there, _, here = said.partition("Version mismatch")[2].partition("This process")
        return f"another version: the cluster has {_pair(there)}, this machine {_pair(here)}"
    if "No module named 'ray'" in said:
        return "ray is not installed: pip install 'openfer[ray]'"
    if "Error" in said and "GCS" not in said:
        return said.strip().splitlines()[-1][:300]
    return "a port is open, but no cluster of Ray answers there in time"


def _pair(text: str) -> str:
    """Return "Ray 2.60.0, Python 3.11.7" from Ray's own lines."""
    lines = [line.strip().replace(": ", " ") for line in text.splitlines()]
    return ", ".join(line for line in lines if line.startswith(("Ray ", "Python ")))


@contextmanager
def joined(address: str | None, workers: int | None) -> Iterator[int]:
    """Yield how many cores there are: of the cluster at an address, or of one on this machine that ends with this.

    Args:
        address: as in `wanted`.
        workers: cores of the one on this machine; None: as many as it has.

    Raises:
        ClusterError: the cluster does not answer, or its hosts have other versions.
    """
    os.environ.update(QUIET | {name: value for name, value in os.environ.items() if name in QUIET})
    import ray  # nothing else may need it

    address = wanted(address)
    if address is None:
        where = {"address": "local", "num_cpus": workers, "include_dashboard": False, "object_store_memory": 100 << 20}
    else:
        unlike = differences(versions(), report(address, PATIENCE))
        if unlike:
            raise ClusterError("; ".join(unlike))
        where = {"address": address, "runtime_env": _shipped()}
    ray.init(**where, log_to_driver=False, logging_level="ERROR")
    try:
        yield int(ray.cluster_resources().get("CPU", 1))
    finally:
        ray.shutdown()


def _shipped() -> dict[str, Any]:
    """Return what the hosts of a cluster need to run this very code, and to find the object store."""
    stores = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION")
    return {
        "py_modules": [str(Path(_code(), "openfer"))],
        "excludes": ["__pycache__", "model", "page"],
        "env_vars": {name: os.environ[name] for name in stores if name in os.environ},
    }
