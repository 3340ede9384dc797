"""Pictures of any kind → RGB arrays; what cannot be read is refused in one line that names the file and the reason."""

import io
import os
import re
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from openfer.errors import Refused

SILENT = ("ignore", None, Warning, re.compile(r"(PIL|pillow_heif)\."), 0)
"""The filter of warnings that `_silence` sets, as `warnings` keeps it."""

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF", "JPEG2000", "ICO", "TGA")
"""Pillow's names of what is read, with HEIC. For others it starts programs of this machine, as Ghostscript for EPS."""

HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
"""Brands of pictures of iPhones, after "ftyp" at byte 4 of a file (ISO/IEC 23008-12)."""

AVIF = b"avif"
"""Brand of the one kind of picture in such a file that Pillow itself reads."""

MOST_PIXELS = 100_000_000
"""Larger pictures are refused before they are unpacked: the array of this one has 300 MB."""

MOST_REDUCED = 250_000_000
"""Pixels up to which a JPEG is unpacked at a reduced size, which takes less memory; phones make up to 200 million."""

STRIP = 1_000_000
"""Pixels that are converted at once; a whole picture in each of its forms would take four times the memory."""

TURNED = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels[::-1].swapaxes(0, 1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels.swapaxes(0, 1)[::-1],
}
"""How an array is turned by EXIF's orientation; 1 is upright. All but 6 and 8 undo themselves, and these each other."""

DNG_VERSION, SUBFILE = 50706, 254
"""Tags of TIFF: the first is there in DNG alone; bit 0 of the second marks a preview of another picture in the file."""


class PictureError(Refused):
    """A picture cannot be read."""


class Reading(NamedTuple):
    """A picture as it was read.

    Attributes:
        pixels: (height, width, 3) uint8 RGB.
        reduced: how many pixels of the file along each side are one here: 1 but for JPEG above `MOST_PIXELS`.
        size: width and height in the file, turned as EXIF says.
    """

    pixels: np.ndarray
    reduced: int
    size: tuple[int, int]


def read_picture(source: Path | str | bytes, name: str = "picture") -> np.ndarray:
    """Read a picture as a person sees it: turned as EXIF says, transparency on white, the first of several frames.

    Args:
        source: a file or its content, in one of `FORMATS` or HEIC.
        name: stands in errors for a picture without a path.

    Returns:
        (height, width, 3) uint8, RGB; grey, CMYK and 16-bit pictures are converted. A JPEG of more than `MOST_PIXELS`
        pixels comes reduced; `read_reduced` says by how much.

    Raises:
        PictureError: no file, no picture, a camera's raw data, cut off, empty, or of more than `MOST_PIXELS` pixels
            (JPEG: `MOST_REDUCED`).
    """
    return read_reduced(source, name).pixels


def read_reduced(source: Path | str | bytes, name: str = "picture") -> Reading:
    """Read a picture as `read_picture` does, and tell whether it was reduced."""
    if isinstance(source, str):
        source = Path(source)
    name = str(source) if isinstance(source, Path) else name
    try:
        _silence()
        with _stream(source) as stream:
            return _read(_opened(stream))
    except PictureError as error:
        raise PictureError(f"{name}: {error}") from error.__cause__
    except UnidentifiedImageError as error:
        raise PictureError(f"{name}: not a picture in a known format") from error
    except MemoryError as error:
        raise PictureError(f"{name}: does not fit into memory") from error
    except Exception as error:  # Pillow's readers raise all kinds on damaged files
        raise PictureError(f"{name}: damaged ({' '.join(str(error).split()) or type(error).__name__})") from error


def _silence() -> None:
    """Have Pillow warn of nothing: not of damage that can be read over, nor of sizes above which there is an error.

    A block of `warnings.catch_warnings` would not be safe among threads: those that overlap leave its filter behind.
    """
    if SILENT not in warnings.filters:
        warnings.filterwarnings("ignore", module=SILENT[3].pattern)


def is_folder(path: str | os.PathLike) -> bool:
    """Tell whether a path is a folder; where Path.is_dir raises (no permission, a name too long), reading it will."""
    return os.path.isdir(path)  # noqa: PTH112


@contextmanager
def _stream(source: Path | bytes) -> Iterator[BinaryIO]:
    """Open a file or its content; a pipe is read to its end, as pictures are read back and forth."""
    try:
        if isinstance(source, Path) and not stat.S_ISREG(source.stat().st_mode):
            source = source.read_bytes()
        stream = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except OSError as error:
        raise PictureError(error.strerror or str(error)) from error
    with stream:
        yield stream


def as_rgb(array: np.ndarray, order: str = "rgb") -> np.ndarray:
    """Bring an array, as OpenCV or others read pictures, to what `Predictor` takes.

    Args:
        array: uint8: (height, width) or (height, width, 1) grey, or with 3 or 4 channels; the fourth, opacity, is left
            out.
        order: of the channels: "rgb", or "bgr" as OpenCV has them.

    Returns:
        (height, width, 3) uint8, RGB.

    Raises:
        PictureError: another shape, type or order.
    """
    channels = 1 if array.ndim == 2 else array.shape[-1] if array.ndim == 3 else 0
    if array.dtype != np.uint8 or channels not in (1, 3, 4) or not array.size:
        raise PictureError(f"an array must be uint8 with 1, 3 or 4 channels. Received: {array.dtype} {array.shape}")
    if order not in ("rgb", "bgr"):
        raise PictureError(f"the order of channels must be rgb or bgr. Received: {order!r}")
    if channels == 1:
        return np.repeat(array.reshape(*array.shape[:2], 1), 3, axis=2)
    colours = array[..., :3]
    return np.ascontiguousarray(colours if order == "rgb" else colours[..., ::-1])


def from_pillow(picture: Image.Image, name: str = "picture") -> np.ndarray:
    """Bring a picture of Pillow to what `Predictor` takes, as `read_picture` does.

    Args:
        picture: of any mode but floating-point.
        name: stands in errors.

    Raises:
        PictureError: it is floating-point or empty, or its file is damaged.
    """
    if picture.mode == "F" or not all(picture.size):
        raise PictureError(f"{name}: a picture must have pixels, and no floating-point ones. Received: {picture}")
    try:
        return _rgb(picture)
    except Exception as error:  # Pillow reads the file only now
        raise PictureError(f"{name}: damaged ({' '.join(str(error).split()) or type(error).__name__})") from error


def require_rgb(array: np.ndarray) -> None:
    """Refuse what is no picture (height, width, 3) uint8.

    Raises:
        PictureError: another shape or type.
    """
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[-1] != 3 or not array.size:
        raise PictureError(
            f"a picture is (height, width, 3) uint8 RGB; as_rgb makes it one. Received: {array.dtype} {array.shape}"
        )


def _opened(stream: BinaryIO) -> Image.Image:
    """Read the head of a picture and refuse what is not to be unpacked."""
    head = stream.read(64)
    stream.seek(0)
    if not head:
        raise PictureError("the file is empty")
    try:
        if head.startswith(b"\xff\xd8\xff"):  # Image.open refuses sizes that are no matter where they are reduced
            picture = JpegImageFile(stream)
        else:
            picture = Image.open(stream, formats=formats(head))
    except Image.DecompressionBombError:
        raise PictureError(f"more than {MOST_PIXELS:,} pixels") from None
    if picture.mode == "F":
        raise PictureError("a floating-point picture, whose black and white are not known")
    tags = getattr(picture, "tag_v2", {})
    if DNG_VERSION in tags or tags.get(SUBFILE, 0) & 1:
        raise PictureError("raw data of a camera, of which only a small preview could be read; save it as JPEG")
    width, height = picture.size
    most = MOST_REDUCED if _reducible(picture) else MOST_PIXELS
    if width * height > most:
        raise PictureError(f"{width:,} × {height:,} pixels are more than {most:,}")
    return picture


def formats(head: bytes) -> tuple[str, ...]:
    """Return Pillow's names of what a file may be by how it begins; what reads HEIC is loaded where it is needed.

    Args:
        head: the first 64 bytes.

    Raises:
        PictureError: the package that reads it is missing.
    """
    return ("HEIF",) if _is_heic(head) else FORMATS


def _is_heic(head: bytes) -> bool:
    """Tell whether a file begins as HEIC does, and make Pillow read it.

    Raises:
        PictureError: the package that reads it is missing.
    """
    if head[4:8] != b"ftyp" or head[8:12] not in HEIC or AVIF in head:
        return False
    try:
        import pillow_heif  # few pictures need it
    except ImportError:
        raise PictureError("HEIC is read by pillow-heif, which is not installed: pip install pillow-heif") from None
    pillow_heif.register_heif_opener()
    return True


def _reducible(picture: Image.Image) -> bool:
    """Tell whether a picture can be unpacked at a reduced size; a progressive JPEG unpacks whole all the same."""
    return isinstance(picture, JpegImageFile) and "progressive" not in picture.info


def _read(picture: Image.Image) -> Reading:
    width, height = picture.size
    reduced = 2 if width * height > MOST_PIXELS else 1
    if reduced > 1:
        picture.draft(None, (width // reduced, height // reduced))
    pixels = _rgb(picture)
    if reduced == 1:
        height, width = pixels.shape[:2]
    elif (width > height) != (pixels.shape[1] > pixels.shape[0]):
        width, height = height, width
    return Reading(pixels, reduced, (width, height))


def _orientation(picture: Image.Image) -> int:
    """Return how EXIF says that a picture is turned; 1, not at all, where it is damaged."""
    try:
        return picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # Pillow raises all kinds, and the pixels are whole
        return 1


def _rgb(picture: Image.Image) -> np.ndarray:
    """Return a picture as (height, width, 3) uint8, converted strip by strip and turned as EXIF says."""
    picture.load()  # orientation may follow the pixels
    turn = _orientation(picture)
    width, height = picture.size
    pixels = np.empty((width, height, 3) if turn in (5, 6, 7, 8) else (height, width, 3), np.uint8)
    upright = TURNED.get({6: 8, 8: 6}.get(turn, turn), np.asarray)(pixels)
    rows = max(1, STRIP // width)
    for top in range(0, height, rows):
        upright[top : top + rows] = _converted(picture.crop((0, top, width, min(top + rows, height))))
    return pixels


def _converted(strip: Image.Image) -> np.ndarray:
    if strip.mode.startswith("I"):  # 16 bits, or 32 of which 16 are used
        grey = np.clip(np.asarray(strip), 0, 65535).astype(np.uint32)
        return ((grey + 128) // 257).astype(np.uint8)[..., np.newaxis]
    if strip.has_transparency_data:
        strip = strip.convert("RGBA")
        strip = Image.alpha_composite(Image.new("RGBA", strip.size, "white"), strip)
    return np.asarray(strip.convert("RGB"))
