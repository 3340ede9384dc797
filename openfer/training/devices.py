"""Several devices that learn one network together: each takes a share of every batch, all have the same weights.

Keras has it under JAX alone (`keras.distribution`), for the devices of one process and of several, on one host or many.
What is shared is the accelerated copy and nothing else: the network itself lies on one device, and is measured there.
"""

import contextlib
from collections.abc import Iterator

import keras
import numpy as np

from openfer.errors import DevicesError

_shared: list[keras.distribution.DataParallel] = []
"""How batches are shared, from `share` on; empty where a network is learnt on one device."""


def share(count: int) -> None:
    """Share the trainings of this process from now on.

    Args:
        count: of devices, those of all processes together; 1 shares no more.
    """
    names = keras.distribution.list_devices()[:count]
    _shared[:] = [keras.distribution.DataParallel(devices=names, auto_shard_dataset=False)] if count > 1 else []


def shared() -> contextlib.AbstractContextManager:
    """Share what is built and learnt in the block."""
    return _shared[0].scope() if _shared else contextlib.nullcontext()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Leave on one device what is computed in the block, which stands in one of `shared`."""
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(before)


def facts() -> dict[str, int]:
    """Return what of the devices changes the order in which numbers are added up; empty where there is one."""
    return {"devices": len(_devices()), "processes": _shared[0].num_processes} if _shared else {}


def part(size: int) -> slice:
    """Return which rows of a batch of `size` this process has to bring.

    Raises:
        DevicesError: the batch is no multiple of the number of devices.
    """
    if not _shared:
        return slice(size)
    count, processes, process = len(_devices()), _shared[0].num_processes, _shared[0].data_shard_id
    if size % count:
        raise DevicesError(f"{count} devices cannot share a batch of {size} faces: make train.batch_size a multiple")
    return slice(size * process // processes, size * (process + 1) // processes)


def require_equal(digest: str, what: str) -> None:
    """Compare something of this process with that of the others.

    Args:
        digest: at least eight hexadecimal digits.
        what: stands in the error.

    Raises:
        DevicesError: they differ.
    """
    if not _shared or _shared[0].num_processes == 1:
        return
    from jax.experimental.multihost_utils import process_allgather  # only now: few have JAX

    found = process_allgather(np.array([int(digest[:8], 16)], np.uint32))
    if len(np.unique(found)) > 1:
        raise DevicesError(f"the processes of this training differ in {what}: start all with the same, in one checkout")


def _devices() -> np.ndarray:
    return _shared[0].device_mesh.devices
