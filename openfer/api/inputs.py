"""What users hand over → pictures, one at a time; what would be misread is refused in a line that says what to pass."""

import glob
import io
import os
import reprlib
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from openfer.api.addresses import is_address, loaded, require_allowed
from openfer.errors import Refused
from openfer.faces.folders import inside
from openfer.faces.pictures import Reading as Picture
from openfer.faces.pictures import as_rgb, from_pillow, is_folder, read_reduced

CHANNELS = (1, 3, 4)
"""Of a grey picture, of one in colours, of one in colours with opacity."""

LONGEST = 4096
"""Characters of a path."""

TAKEN = "a path, folder, pattern, bytes, file object, PIL image, NumPy array, or a list or an iterator of these"


class InputError(Refused):
    """What was handed over is no picture, or would be misread; the message says what to pass."""


@dataclass(frozen=True)
class Reading:
    """How inputs are to be read.

    Attributes:
        order: of the channels of arrays: "rgb", or "bgr" as OpenCV has them.
        urls: whether addresses (https://…) are loaded from the network.
    """

    order: str = "rgb"
    urls: bool = False

    def __post_init__(self) -> None:
        if self.order not in ("rgb", "bgr"):
            raise InputError(f'order must be "rgb" or "bgr". Received: {self.order!r}')


@dataclass(frozen=True)
class Source:
    """One picture that need not be in memory yet.

    Attributes:
        name: for people: the path, the address, or what kind of input it was.
        content: an address, a path, the content of a file, a PIL image, or the picture (height, width, 3) uint8 RGB.
    """

    name: str
    content: str | Path | bytes | Image.Image | np.ndarray

    def loaded(self) -> "Source":
        """Return the same picture without need of the network.

        Raises:
            PictureError: its address gives nothing.
        """
        return replace(self, content=loaded(self.content)) if isinstance(self.content, str) else self

    def read(self) -> Picture:
        """Return the picture, a JPEG of more than 100 million pixels reduced.

        Raises:
            PictureError: it cannot be read.
        """
        if isinstance(self.content, np.ndarray | Image.Image):
            array = isinstance(self.content, np.ndarray)
            pixels = self.content if array else from_pillow(self.content, self.name)
            return Picture(pixels, 1, pixels.shape[1::-1])
        return read_reduced(self.loaded().content, self.name)


def is_list(source: Any) -> bool:
    """Tell whether an input is several pictures that are there already: a list, a folder, a pattern, a batch."""
    if isinstance(source, str | os.PathLike):
        return not is_address(source) and (is_folder(_path(source)) or _is_pattern(source))
    return isinstance(source, list | tuple) or (isinstance(source, np.ndarray) and source.ndim == 4)


def is_stream(source: Any) -> bool:
    """Tell whether an input gives its pictures one after another, as a generator does."""
    alone = (str, bytes, bytearray, memoryview, os.PathLike, Image.Image, list, tuple, dict)
    others = isinstance(source, alone) or any(hasattr(source, name) for name in ("read", "__array__"))
    return isinstance(source, Iterable) and not others


def sources(source: Any, reading: Reading) -> Iterator[Source]:
    """Yield every picture of an input; an iterator is asked for the next one only when it is needed.

    Raises:
        InputError: the input, or one in it, is none of `TAKEN`.
    """
    if isinstance(source, list | tuple) or is_stream(source):
        for number, one in enumerate(source, start=1):
            if isinstance(one, list | tuple) or is_stream(one):
                raise InputError(
                    f"picture {number} is a {type(one).__name__}: pass one list of pictures; a picture of nested lists "
                    'becomes an array by numpy.array(…, "uint8")'
                )
            yield from _expanded(one, f"picture {number}", reading)
    else:
        yield from _expanded(source, "picture", reading)


def _expanded(source: Any, name: str, reading: Reading) -> Iterator[Source]:
    """Yield the pictures of a folder, of a pattern, of a batch; of anything else, itself."""
    if isinstance(source, np.ndarray) and source.ndim == 4:
        _require_uint8(source, "(n, height, width, 3)")
        for number, one in enumerate(source, start=1):
            yield single(one, f"{name} {number}", reading)
    elif is_list(source):
        yield from (Source(str(file), file) for file in _files(source))
    else:
        yield single(source, name, reading)


def single(source: Any, name: str, reading: Reading) -> Source:
    """Return an input that is one picture.

    Args:
        source: as in `TAKEN`, but for several.
        name: for people, where the input has none.
        reading: how to read it.

    Raises:
        InputError: it is none of these.
    """
    if isinstance(source, str | os.PathLike):
        if is_address(source):
            require_allowed(source, reading.urls)
            return Source(source, source)
        return Source(os.fsdecode(source), _path(source))
    if isinstance(source, bytes | bytearray | memoryview):
        return Source(name, bytes(source))
    if isinstance(source, Image.Image):
        return Source(str(getattr(source, "filename", "") or name), source)
    if hasattr(source, "read"):
        return Source(str(getattr(source, "name", name)), _content(source, name))
    if isinstance(source, np.ndarray):
        _require_picture(source)
        return Source(name, as_rgb(source, reading.order))
    raise InputError(f"{name}: {_refusal(source)}")


def _refusal(source: Any) -> str:
    kind = type(source).__name__
    if source is None:
        return f"pass {TAKEN}. Received: None, which cv2.imread and others return for a file that they cannot read"
    if hasattr(source, "__array__"):
        return f'pass a NumPy array (height, width, 3) of type uint8: numpy.asarray(…, "uint8"). Received: {kind}'
    return f"pass {TAKEN}. Received: {kind} {reprlib.repr(source)}"


def _content(file: Any, name: str) -> bytes:
    content = file.read()
    if isinstance(content, str) or isinstance(file, io.TextIOBase):
        raise InputError(f'{name}: the file is open as text: open(…, "rb") gives its bytes')
    if not isinstance(content, bytes):
        raise InputError(f"{name}: a file object must give bytes. Received: {type(content).__name__}")
    return content


def _require_uint8(array: np.ndarray, shape: str) -> None:
    """Refuse values whose black and white are not known, and what is empty."""
    received = f"Received: {array.dtype} {array.shape}"
    if not array.size:
        raise InputError(f"an array must be {shape}, and not empty. {received}")
    if np.issubdtype(array.dtype, np.floating):
        raise InputError(
            f"floats may mean 0–1 or 0–255: pass uint8, as (255 * array).round().astype('uint8') of 0–1. {received}"
        )
    if array.dtype != np.uint8:
        raise InputError(f"an array must be uint8; array.astype('uint8') where its values are 0–255. {received}")
    if array.ndim in (3, 4) and array.shape[-1] not in CHANNELS:
        way = "array.transpose(1, 2, 0)" if array.ndim == 3 else "array.transpose(0, 2, 3, 1)"
        raise InputError(
            f"channels come last: {way} where they come first, array[..., None] for a batch of grey pictures. "
            f"{received}"
        )


def _require_picture(array: np.ndarray) -> None:
    _require_uint8(array, "(height, width, 3)")
    if array.ndim not in (2, 3):
        raise InputError(
            "an array must be (height, width), (height, width, 1, 3 or 4), or (n, height, width, 1, 3 or 4). "
            f"Received: {array.shape}"
        )


def _files(source: str | os.PathLike) -> list[Path]:
    """Return every file in and below a folder, or those that a pattern names, in order.

    As the program does: in folders, hidden files and its own results are left out; what it does not open has a warning.

    Raises:
        InputError: there is none.
    """
    text = os.fsdecode(source)
    if not is_folder(source):
        found = [Path(name) for name in sorted(glob.glob(text, recursive=True)) if not is_folder(name)]  # noqa: PTH207 -- an absolute pattern, too
        if not found:
            raise InputError(f"{text}: no file has such a name")
        return found
    folder = Path(text)
    held = sorted(inside(folder))
    for file, reason in held:
        if reason:
            warnings.warn(f"{file}: {reason}", stacklevel=2)
    found = [file for file, reason in held if not reason]
    if not found:
        raise InputError(f"{text}: the folder holds no picture")
    return found


def _is_pattern(path: str | os.PathLike) -> bool:
    """Tell whether a path is a pattern, as faces/*.jpg, and not a file whose name has such signs."""
    return glob.has_magic(os.fsdecode(path)) and not os.path.lexists(path)


def _path(source: str | os.PathLike) -> Path:
    text = os.fsdecode(source)
    if len(text) > LONGEST or "\0" in text:
        raise InputError(
            f"a text of {len(text):,} characters is no path: pass bytes, as base64.b64decode(…) gives them. "
            f"Received: {text[:40]!r}…"
        )
    return Path(text)
