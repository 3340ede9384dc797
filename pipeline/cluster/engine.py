"""Where a training runs: here, or on the cluster that the environment names."""

from typing import TYPE_CHECKING

from pipeline.cluster import chosen

if TYPE_CHECKING:
    from pipeline.cluster.training import Training


def trainer(backend: str) -> "Training | None":
    """Return what trains on the cluster; None where trainings run here.

    Args:
        backend: of Keras.

    Raises:
        ClusterError: the cluster cannot be joined.
    """
    if not chosen():
        return None
    from pipeline.cluster.training import Training  # only now: everybody has this package, few have Ray

    return Training(backend)
