"""Folders here and in object stores: what lies in them, what is written into them."""

import errno
import fnmatch
import functools
import glob
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from pyarrow import ArrowException, fs

from openfer.app.film_files import SUFFIXES, film_files, kind
from openfer.app.picture_files import picture_files
from openfer.errors import Refused, one_line
from openfer.faces.folders import lies_hidden
from openfer.files import save_bytes

REMOTE = "s3://"
"""How addresses of object stores begin."""

MOST_BYTES = 1 << 30
"""Of a picture in an object store, which is loaded as a whole."""

PASSING = {
    *(errno.ESTALE, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ETIMEDOUT, errno.ENOTCONN),
    *(errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ECONNRESET, errno.ECONNREFUSED),
}
"""Errors that say nothing of a file: a network drive, a full disk, a line that is down."""

BUSY = re.compile(
    r"AWS Error (NETWORK_CONNECTION|SLOW_DOWN|SERVICE_UNAVAILABLE|INTERNAL_FAILURE|THROTTLING|REQUEST_TIMEOUT|"
    r"REQUEST_EXPIRED|REQUEST_TIME_TOO_SKEWED|UNKNOWN \(HTTP status (5\d\d|429)\))"
)
"""How an object store says the same, in the words of Amazon's library."""

PAUSES = (1, 4, 15)
"""Seconds after which what could not be reached is tried again."""

Thing = TypeVar("Thing")


class PlaceError(Refused):
    """A folder, or an object store, does not answer as it should."""


class UnreachableError(PlaceError):
    """A file cannot be reached now, which says nothing of whether it can be read."""


def is_remote(place: Path | str) -> bool:
    """Tell whether a place is in an object store."""
    return isinstance(place, str) and place.startswith(REMOTE)


def opened(address: str) -> tuple[fs.FileSystem, str]:
    """Return the object store of an address, and the path in it; spaces and other signs of keys are as they are.

    Raises:
        PlaceError: it is no address, or the store does not answer.
    """
    path = address.removeprefix(REMOTE)
    try:
        return _store(path.partition("/")[0]), path
    except (ArrowException, ValueError, OSError) as error:
        raise PlaceError(f"{address}: {one_line(error)}") from error


@functools.cache
def _store(bucket: str) -> fs.FileSystem:
    """Return the object store that has a bucket: Amazon's, or that of AWS_ENDPOINT_URL; keys are those of this host."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not (endpoint or region):
        region = fs.resolve_s3_region(bucket)
    return fs.S3FileSystem(region=region, endpoint_override=endpoint)


def reached(read: Callable[[], Thing], name: str, pauses: Sequence[int] = PAUSES) -> Thing:
    """Return what `read` gives, which is tried again where a network, a disk or an object store is in the way.

    Args:
        read: raises what it likes.
        name: of the file, for the error.
        pauses: seconds after which it is tried again.

    Raises:
        UnreachableError: that did not pass in time.
    """
    try:
        return read()
    except Exception as error:
        if not is_passing(error):
            raise
        if not pauses:
            raise UnreachableError(f"{name} cannot be reached: {one_line(error)}") from error
    time.sleep(pauses[0])
    return reached(read, name, pauses[1:])


def is_passing(error: BaseException | None) -> bool:
    """Tell whether an error, or what it comes from, has nothing to do with the file that was read."""
    while error:
        number = getattr(error, "errno", None)  # FFmpeg's errors have one, too
        if number in PASSING or (type(error) is OSError and number is None and BUSY.search(str(error))):
            return True
        error = error.__cause__ or error.__context__
    return False


class Store:
    """A folder of results, here or in an object store: what is written there is whole or not there."""

    def __init__(self, place: Path | str) -> None:
        """Name the folder; it is made when something is written."""
        self.place = place
        self.system, self.base = opened(place.rstrip("/")) if is_remote(place) else (None, str(place))

    def __str__(self) -> str:
        return str(self.place)

    def read(self, name: str) -> bytes | None:
        """Return the content of a file; None where there is none.

        Raises:
            PlaceError: it cannot be read.
        """
        try:
            if self.system is None:
                return Path(self.base, name).read_bytes()
            return reached(lambda: self._got(f"{self.base}/{name}"), f"{self}/{name}")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise PlaceError(f"{self}/{name} cannot be read: {one_line(error)}") from error

    def write(self, name: str, content: bytes) -> None:
        """Write a file by a rename, or by a single put.

        Raises:
            WriteError: the system refuses it.
            PlaceError: the object store refuses it.
        """
        if self.system is None:
            save_bytes(Path(self.base, name), content)
            return
        try:
            size = reached(lambda: self._put(f"{self.base}/{name}", content), f"{self}/{name}")
        except OSError as error:
            raise PlaceError(f"{self}/{name} cannot be written: {one_line(error)}") from error
        if size != len(content):  # some stores keep what Amazon's protocol wraps around it
            raise PlaceError(
                f"{self}/{name} is damaged by the store: set AWS_REQUEST_CHECKSUM_CALCULATION=when_required"
            )

    def names(self, folder: str) -> set[str]:
        """Return the names of the files in a folder below.

        Raises:
            PlaceError: the folder cannot be listed.
        """
        try:
            if self.system is None:
                path = Path(self.base, folder)
                return {one.name for one in path.iterdir()} if path.exists() else set()
            selector = fs.FileSelector(f"{self.base}/{folder}", allow_not_found=True)
            found = reached(lambda: self.system.get_file_info(selector), f"{self}/{folder}")
            return {info.base_name for info in found}
        except OSError as error:
            raise PlaceError(f"{self}/{folder} cannot be listed: {one_line(error)}") from error

    def _got(self, path: str) -> bytes:
        with self.system.open_input_file(path) as file:
            return file.read()

    def _put(self, path: str, content: bytes) -> int:
        """Write an object; return the size that it has then."""
        with self.system.open_output_stream(path) as file:
            file.write(content)
        return self.system.get_file_info(path).size


def listed(named: Iterable[Path | str]) -> Iterator[tuple[str, str]]:
    """Yield (file, why it cannot be read where that is known already) of all that is named, in order.

    Args:
        named: files, folders, patterns as photos/*.jpg where there is no such file, addresses s3://bucket/….

    Raises:
        PlaceError: an object store does not answer, or a pattern names nothing.
    """
    for place in named:
        if is_remote(place):
            yield from ((address, "") for address in _objects(place))
        else:
            yield from ((str(one.file), one.reason) for one in picture_files(_named(place)))


def listed_films(named: Iterable[Path | str]) -> Iterator[tuple[str, str]]:
    """Yield films as `listed` does files: of what lies in a folder, or below an address, films by their names."""
    for place in named:
        if not is_remote(place):
            yield from ((str(file), "") for _, file in film_files(_named(place)))
            continue
        below = [address for address in _objects(place) if address == place or kind(Path(address)) in SUFFIXES]
        if not below:
            raise PlaceError(f"{place}: no object there has the name of a film")
        yield from ((address, "") for address in below)


def _named(place: Path) -> list[Path]:
    """Return what a path names: itself or, where there is no such file, what has the names of its pattern.

    Raises:
        PlaceError: nothing has.
    """
    if os.path.lexists(place) or not glob.has_magic(str(place)):
        return [place]
    found = sorted(glob.glob(str(place), recursive=True))  # noqa: PTH207 -- an absolute pattern, too
    if not found:
        raise PlaceError(f"{place}: no file has such a name")
    return [Path(one) for one in found]


def tops(named: Iterable[Path | str]) -> list[str]:
    """Return what of the places that are named there is, of patterns the folder: what other hosts must see, too."""
    below = [place if is_remote(place) or os.path.lexists(place) else _folder(str(place)) for place in named]
    return [str(place) for place in below if place]


def _folder(pattern: str) -> Path | None:
    """Return the folder above a pattern; None for the name of a file."""
    return Path(re.split(r"[*?[]", pattern)[0] + "_").parent if glob.has_magic(pattern) else None


def _objects(address: str) -> list[str]:
    """Return the object of an address, those below it or, where there is none, those that it names as a pattern."""
    system, path = opened(address)
    magic = glob.has_magic(path)
    top = re.split(r"[*?[]", path)[0].rpartition("/")[0] if magic else path.rstrip("/")
    try:
        if system.get_file_info(path).type == fs.FileType.File:
            return [address]
        infos = system.get_file_info(fs.FileSelector(top, recursive=True))
    except OSError as error:
        raise PlaceError(f"{address}: {one_line(error)}") from error
    keys = sorted(info.path for info in infos if info.type == fs.FileType.File)
    keys = [
        key
        for key in keys
        if not lies_hidden(key[len(top) :].split("/")) and (not magic or fnmatch.fnmatchcase(key, path))
    ]
    if not keys:
        raise PlaceError(f"{address}: no object has such a name")
    return [f"{REMOTE}{key}" for key in keys]


def content(address: str) -> bytes:
    """Return what an object holds.

    Raises:
        PlaceError: it is too large for a picture.
        OSError: the object store does not give it.
    """
    system, path = opened(address)
    with system.open_input_file(path) as file:
        if (size := file.size()) > MOST_BYTES:
            raise PlaceError(f"{size:,} bytes are more than a picture may have ({MOST_BYTES:,})")
        return file.read()
