"""Folders here and in object stores: what lies in them, what is written into them."""

import fnmatch
import functools
import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyarrow import ArrowException, fs

from openfer.app.picture_files import BELONGINGS, Found, picture_files
from openfer.errors import Refused
from openfer.files import save_bytes

REMOTE = "s3://"
"""How addresses of object stores begin."""


class PlaceError(Refused):
    """A folder, or an object store, does not answer as it should."""


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


def one_line(error: BaseException) -> str:
    """Return what an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


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
            with self.system.open_input_file(f"{self.base}/{name}") as file:
                return file.read()
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
            with self.system.open_output_stream(f"{self.base}/{name}") as file:
                file.write(content)
            size = self.system.get_file_info(f"{self.base}/{name}").size
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
            return {info.base_name for info in self.system.get_file_info(selector)}
        except OSError as error:
            raise PlaceError(f"{self}/{folder} cannot be listed: {one_line(error)}") from error


def listed(named: Iterable[Path | str]) -> Iterator[tuple[str, str]]:
    """Yield (file, why it cannot be read where that is known already) of all that is named, in order.

    Args:
        named: files, folders, patterns as photos/*.jpg where there is no such file, addresses s3://bucket/….

    Raises:
        PlaceError: an object store does not answer, or a pattern names nothing.
    """
    for place in named:
        if is_remote(place):
            yield from _objects(place)
        elif glob.has_magic(str(place)) and not os.path.lexists(place):
            found = sorted(glob.glob(str(place), recursive=True))  # noqa: PTH207 -- an absolute pattern, too
            if not found:
                raise PlaceError(f"{place}: no file has such a name")
            yield from _files(picture_files(map(Path, found)))
        else:
            yield from _files(picture_files([place]))


def tops(named: Iterable[Path | str]) -> list[str]:
    """Return what of the places that are named there is, of patterns the folder: what other hosts must see, too."""
    below = [place if is_remote(place) or os.path.lexists(place) else _folder(str(place)) for place in named]
    return [str(place) for place in below if place]


def _folder(pattern: str) -> Path | None:
    """Return the folder above a pattern; None for the name of a file."""
    return Path(re.split(r"[*?[]", pattern)[0] + "_").parent if glob.has_magic(pattern) else None


def _files(found: Iterable[Found]) -> Iterator[tuple[str, str]]:
    return ((str(one.file), one.reason) for one in found)


def _objects(address: str) -> Iterator[tuple[str, str]]:
    """Yield the objects below an address, or those that it names as a pattern."""
    system, path = opened(address)
    magic = glob.has_magic(path)
    top = re.split(r"[*?[]", path)[0].rpartition("/")[0] if magic else path.rstrip("/")
    try:
        if not magic and system.get_file_info(path).type == fs.FileType.File:
            yield address, ""
            return
        infos = system.get_file_info(fs.FileSelector(top, recursive=True))
    except OSError as error:
        raise PlaceError(f"{address}: {one_line(error)}") from error
    keys = sorted(info.path for info in infos if info.type == fs.FileType.File)
    keys = [key for key in keys if not _hidden(key[len(top) :]) and (not magic or fnmatch.fnmatchcase(key, path))]
    if not keys:
        raise PlaceError(f"{address}: no object has such a name")
    yield from ((f"{REMOTE}{key}", "") for key in keys)


def _hidden(below: str) -> bool:
    return any(part.startswith(".") or part.lower() in BELONGINGS for part in below.split("/"))


def content(address: str) -> bytes:
    """Return what an object holds.

    Raises:
        OSError: the object store does not give it.
    """
    system, path = opened(address)
    with system.open_input_file(path) as file:
        return file.read()
