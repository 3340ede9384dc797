"""Trainings on a cluster of Ray: whether one is named, and what can go wrong there in one line.

The environment chooses it, never params.yaml: where a training runs changes none of its bits, and no hash of DVC's.
"""

import os

from openfer.cluster import ClusterError

__all__ = ["ADDRESS", "ClusterError", "chosen", "threads"]

ADDRESS = "RAY_ADDRESS"
"""Variable that names the cluster, HOST:PORT; where it is empty, trainings run here and Ray is never imported."""


def chosen() -> bool:
    """Tell whether trainings are to run on a cluster."""
    return bool(os.environ.get(ADDRESS))


def threads() -> int:
    """Return the threads of a training, which change the order in which numbers are added up, and so its last bits.

    A training takes as many on a host of the cluster as it would here: TF_NUM_INTRAOP_THREADS, or one a processor.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(os.environ.get("TF_NUM_INTRAOP_THREADS") or cores)
