"""Several devices that train one network, in this process or in several: the environment says so.

Never params.yaml: where a training runs is no parameter of it, and changes no hash of DVC's.
"""

import os
from typing import Any

from openfer.errors import DevicesError
from pipeline import cluster
from pipeline.fingerprint import short

DEVICES = "OPENFER_DEVICES"
"""Variable with the number of devices, those of all processes together, or "all"; where it is empty, one trains."""

ADDRESS, PROCESSES, PROCESS = (
    "KERAS_DISTRIBUTION_JOB_ADDRESSES", "KERAS_DISTRIBUTION_NUM_PROCESSES", "KERAS_DISTRIBUTION_PROCESS_ID"
)  # fmt: skip
"""Keras's own variables: HOST:PORT of the first process, how many there are, and which one this is, from 0."""

MEETING, SILENCE = 120, 60
"""Seconds that the processes have to find each other, and after which one that says nothing, or ends, is given up."""


def require(backend: str) -> None:
    """Check whether what the environment asks for can be.

    Args:
        backend: of Keras.

    Raises:
        DevicesError: it cannot.
    """
    asked = os.environ.get(DEVICES, "")
    if asked not in ("", "all") and not (asked.isdecimal() and int(asked)):
        raise DevicesError(f'{DEVICES} must be a number of devices, or "all". Received: {asked}')
    if not _asked():
        return
    if backend != "jax":
        raise DevicesError(
            f"several devices train one network with train.backend: jax alone, Keras cannot share a training under "
            f"{backend}: set that, or unset {DEVICES} and {ADDRESS}"
        )
    if cluster.chosen():
        raise DevicesError(
            f"{cluster.ADDRESS} and several devices for a training: it goes to a cluster or to them, unset one"
        )
    if os.environ.get(ADDRESS) and not all(os.environ.get(name, "").isdecimal() for name in (PROCESSES, PROCESS)):
        raise DevicesError(f"{ADDRESS} is set: set {PROCESSES}, and {PROCESS} from 0, to numbers, too")


def join() -> None:
    """Find the other processes, where there are to be any; to be called before anything is computed.

    Raises:
        DevicesError: they are not all there in time.
    """
    if not os.environ.get(ADDRESS):
        return
    import jax

    if jax.distributed.is_initialized():
        return
    jax.config.update("jax_enable_preemption_service", False)  # which would take SIGTERM and go on
    address, count, process = os.environ[ADDRESS], int(os.environ[PROCESSES]), int(os.environ[PROCESS])
    try:
        jax.distributed.initialize(  # keras.distribution.initialize knows no limits
            address.split(",")[0],
            count,
            process,
            initialization_timeout=MEETING,
            heartbeat_timeout_seconds=SILENCE,
            shutdown_timeout_seconds=SILENCE,
        )
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DevicesError(f"process {process} of {count} has not met the others at {address}: {reason}") from None


def use() -> None:
    """Have the trainings of this process use what the environment asks for; Keras is imported, with its backend.

    Raises:
        DevicesError: there are fewer devices.
    """
    if not _asked():
        return
    join()
    import jax

    from openfer.training import devices

    there, processes = jax.device_count(), jax.process_count()
    asked = os.environ.get(DEVICES) or "all"
    count = there if asked == "all" else int(asked)
    if count > there or (processes > 1 and count != there):
        kind = jax.devices()[0].platform
        raise DevicesError(f"{DEVICES} is {count}, but JAX has {there} here ({kind}): set it to that, or to all")
    devices.share(count)


def leads() -> bool:
    """Tell whether this process writes what comes of a training, and tells MLflow: the first one does."""
    return not os.environ.get(ADDRESS) or os.environ.get(PROCESS) == "0"


def require_equal(facts: Any) -> None:
    """Compare what a training depends on with that of the other processes.

    Args:
        facts: what JSON can write.

    Raises:
        DevicesError: they differ.
    """
    if _asked():
        from openfer.training import devices

        devices.require_equal(short(facts), "params or data")


def _asked() -> bool:
    return os.environ.get(DEVICES, "") not in ("", "1") or bool(os.environ.get(ADDRESS))
