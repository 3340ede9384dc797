"""Asks the hosts of a cluster what they have; a process of its own, which `openfer.app.cluster.report` may end.

python -m openfer.app.scale.hosts HOST:PORT SECONDS
"""

import json
import sys
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from openfer.app import cluster


def hosts(address: str, seconds: float) -> list[dict[str, Any]]:
    """Return "name", "versions" and "devices" of each host of a cluster.

    Args:
        address: of the cluster.
        seconds: that all hosts together have to answer; one that does not has no versions.
    """
    ray.cloudpickle.register_pickle_by_value(cluster)
    ray.init(address, log_to_driver=False, logging_level="ERROR")
    nodes = [node for node in ray.nodes() if node["Alive"]]
    asked = [_asked(node["NodeID"]) for node in nodes]
    answered, _ = ray.wait(asked, num_returns=len(asked), timeout=seconds)
    return [
        {
            "name": f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})",
            "devices": _devices(node["Resources"]),
            "versions": _answer(ref) if ref in answered else {},
        }
        for node, ref in zip(nodes, asked, strict=True)
    ]


def _asked(node: str) -> ray.ObjectRef:
    """Ask a host for its versions, however busy its cores are; it need not have this package."""
    task = ray.remote(num_cpus=0, max_retries=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False))
    return task(cluster.versions).remote()


def _answer(ref: ray.ObjectRef) -> dict[str, str]:
    """Return what a host has answered; nothing where it failed, which hides no other host."""
    try:
        return ray.get(ref)
    except ray.exceptions.RayError:
        return {}


def _devices(resources: dict[str, float]) -> dict[str, float]:
    """Return the cores, GPUs and kinds of these that a host offers."""
    return {
        name: count for name, count in resources.items() if name in ("CPU", "GPU") or name.startswith("accelerator")
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(hosts(sys.argv[1], float(sys.argv[2]))) + "\n")
