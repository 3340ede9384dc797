"""A cluster of Ray on this machine in a process of its own: python -m tests.pipeline.cluster.hosts PROCESSORS

The head has no processors. Object stores are small, and the disk counts as full. A line of input starts a node; the end
of the input ends all. The address, and then a line for each node, are printed.
"""

import sys

from ray.cluster_utils import Cluster

STORE = {"object_store_memory": 100 * 2**20}

if __name__ == "__main__":
    full = {"_system_config": {"local_fs_capacity_threshold": 0.0}}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False} | STORE | full)
    print(cluster.address, flush=True)  # noqa: T201
    for _ in sys.stdin:
        cluster.add_node(num_cpus=int(sys.argv[1]), **STORE)
        print("a node", flush=True)  # noqa: T201
    cluster.shutdown()
