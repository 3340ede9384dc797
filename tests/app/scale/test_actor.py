"""What the process of a worker says that cannot work, without a cluster, and what it makes of errors that pass."""

import errno

import pytest

pytest.importorskip("ray", reason="needs requirements-ray.txt")

from openfer.app.cluster import software
from openfer.app.scale.actor import Worker
from openfer.app.scale.places import UnreachableError


def test_other_versions_on_a_host_are_its_reason():
    assert Worker(b"", {"OpenCV": "0.1"}).ready() == f"it has OpenCV {software()['OpenCV']}, and not 0.1"
    assert Worker(b"", {"a package": "0.1"}).ready() == "it has a package not at all, and not 0.1"


def test_what_cannot_be_loaded_there_is_its_reason():
    assert Worker(b"no job", {}).ready().startswith("no worker starts there: ")


def test_an_error_that_passes_is_told_as_one_since_ray_keeps_no_cause():
    def full(reader):
        raise OSError(errno.ENOSPC, "No space left on device")

    worker = Worker(b"", {})
    worker.reader = None
    with pytest.raises(UnreachableError, match=r"^film\.mp4 cannot be reached: .*No space left on device$"):
        worker.read([("film.mp4", "")], full)


def test_an_error_of_the_file_stays_what_it_is():
    def damaged(reader):
        raise ValueError("no film")

    worker = Worker(b"", {})
    worker.reader = None
    with pytest.raises(ValueError, match="no film"):
        worker.read([("film.mp4", "")], damaged)
