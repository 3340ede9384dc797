"""The process of a worker, as Ray starts it: imports Ray alone at first, so that a host that lacks the rest says so."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ray

from openfer.errors import one_line

Task = Callable[[Any], Any]
"""What a worker does with its `worker.Reader`."""


class Worker:
    """A `worker.Reader` in a process of its own."""

    def __init__(self, job: bytes, software: Mapping[str, str]) -> None:
        """Begin; what takes time and may fail is left to `ready`.

        Args:
            job: a `worker.Job`, pickled: to read it imports what reads pictures.
            software: versions that this host must have.
        """
        self.job, self.software = job, software

    def home(self) -> str:
        """Return which host it is on, as Ray numbers them."""
        return ray.get_runtime_context().get_node_id()

    def ready(self) -> str:
        """Load what it needs; return why it cannot work, empty where it can."""
        try:
            from openfer.app import cluster
            from openfer.app.scale.worker import Reader

            here = cluster.software()
            for name, version in self.software.items():
                if here.get(name) != version:
                    return f"it has {name} {here.get(name, 'not at all')}, and not {version}"
            self.reader = Reader(ray.cloudpickle.loads(self.job))
        except Exception as error:
            return f"no worker starts there: {one_line(error)}"
        reason = self.reader.unseen()
        return reason and f"it does not see what is to be read: {reason}"

    def read(self, files: Sequence[tuple[str, str]], task: Task | None) -> Any:
        """Return the rows of files, or what another task gives.

        Raises:
            UnreachableError: a network, a disk or an object store is in the way.
        """
        from openfer.app.scale.places import UnreachableError, is_passing

        try:
            return task(self.reader) if task else self.reader(files)
        except UnreachableError:
            raise
        except Exception as error:  # of which Ray keeps no cause
            if is_passing(error):
                raise UnreachableError(f"{files[0][0]} cannot be reached: {one_line(error)}") from error
            raise
