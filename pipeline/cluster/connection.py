"""The way to the cluster: its address is tried first, since Ray itself would wait for minutes; then it is joined."""

import logging
import os
import platform
import threading
from pathlib import Path
from typing import Any

from openfer.cluster import host_and_port, knock
from pipeline.cluster import ADDRESS, ClusterError, chosen, threads

PATIENCE = 5.0
"""Seconds in which the port must answer."""

JOINING = threading.Lock()
"""Of the trainings of a process, each a thread, one joins for all."""

ROOT = Path(__file__).parents[2]

PACKAGES = ("openfer", "pipeline", "stages", "crowd", "baselines", "transfer", "search")
"""Our code, which travels; everything else must be installed on the hosts."""

QUIET = {
    "RAY_NUM_REDIS_GET_RETRIES": "5",  # seconds that a wrong token is tried again, not 20
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else a warning on every start
}
"""What Ray reads when it is imported; a setting of the user wins."""


def connect() -> Any:
    """Join the cluster that the environment names, once a process; return the module `ray`.

    Raises:
        ClusterError: Ray is not installed; the address is none or does not answer; the cluster refuses this process.
    """
    with JOINING:
        return _join()


def _join() -> Any:
    os.environ |= QUIET | os.environ
    try:
        import ray
    except ImportError:
        raise ClusterError(
            f"{ADDRESS} is set and Ray is not installed: pip install -r requirements-ray.txt, or unset {ADDRESS}"
        ) from None
    if not ray.is_initialized():
        address = os.environ[ADDRESS]
        probe(address)
        try:
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR, runtime_env=environment())
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:  # also of another version
            raise ClusterError(refusal(address, error)) from None
    return ray


def room() -> int:
    """Return how many trainings the cluster, which is joined for it, has room for now; 1 where none is named."""
    return max(1, sum(size // threads() for size in sizes(connect()))) if chosen() else 1


def sizes(ray: Any) -> list[int]:
    """Return the processors of each node that is alive."""
    return [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]


def probe(address: str) -> None:
    """Try the port of the cluster.

    Raises:
        ClusterError: it is no HOST:PORT, or nothing answers there.
    """
    place = host_and_port(address)
    if place is None:
        raise ClusterError(
            f"{ADDRESS} must be HOST:PORT of the cluster's head, of which this machine is a node (docs/cluster.md). "
            f"Received: {address}"
        )
    try:
        knock(*place, PATIENCE)
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"no cluster answers at {address} ({error}): start its head (docs/cluster.md), or unset {ADDRESS} to train "
            "here"
        ) from None


def refusal(address: str, error: Exception) -> str:
    """Return one line for what Ray says in many."""
    said = " ".join(str(error).split())
    hint = "is the token the same on all machines (RAY_AUTH_MODE, RAY_AUTH_TOKEN_PATH)?"
    if "ersion" in said:
        hint = "the versions of Ray and Python must be the same on all machines"
    elif "ray start" in said or "raylet" in said.lower():
        hint = f"is this machine a node of it (ray start --address={address} --num-cpus=0), with the same token?"
    return f"the cluster at {address} refuses ({said[:200]}): {hint}"


def environment() -> dict[str, Any]:
    """Return what a process on a host is started with: our code, and as many threads as a training has here."""
    count = str(threads())
    settings = {"OMP_NUM_THREADS": count, "TF_NUM_INTRAOP_THREADS": count, "TF_NUM_INTEROP_THREADS": count}
    known = ("OMP_NUM_THREADS", "TF_NUM_INTEROP_THREADS", "TF_ENABLE_ONEDNN_OPTS")
    settings |= {name: os.environ[name] for name in known if name in os.environ}
    modules = [str(ROOT / package) for package in PACKAGES if (ROOT / package).is_dir()]
    return {"py_modules": modules, "env_vars": settings | {"TF_CPP_MIN_LOG_LEVEL": "3"}}


def software() -> dict[str, str]:
    """Return what must be equal on both sides beside the libraries of versions.yaml."""
    return {"python": platform.python_version(), "processor": platform.machine()}
