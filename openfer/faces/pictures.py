"""Pictures of any kind → RGB arrays; what cannot be read is refused in one line that names the file and the reason."""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from openfer.errors import Refused

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF", "JPEG2000", "ICO", "TGA")
"""Pillow's names of what is read. For others it starts programs of this machine, as Ghostscript for EPS."""

MOST_PIXELS = 100_000_000
"""Larger pictures are refused before they are unpacked: the array of this one has 300 MB."""


class PictureError(Refused):
    """A picture cannot be read."""


def read_picture(source: Path | str | bytes, name: str = "picture") -> np.ndarray:
    """Read a picture as a person sees it: turned as EXIF says, transparency on white, the first of several frames.

    Args:
        source: a file or its content, in one of `FORMATS`.
        name: stands in errors for a picture without a path.

    Returns:
        (height, width, 3) uint8, RGB; grey, CMYK and 16-bit pictures are converted.

    Raises:
        PictureError: no file, no picture, cut off, empty, or of more than `MOST_PIXELS` pixels.
    """
    if isinstance(source, str):
        source = Path(source)
    name = str(source) if isinstance(source, Path) else name
    try:
        content = source.read_bytes() if isinstance(source, Path) else source
    except OSError as error:
        raise PictureError(f"{name}: {error.strerror or error}") from error
    except MemoryError as error:
        raise PictureError(f"{name}: the file does not fit into memory") from error
    if not content:
        raise PictureError(f"{name}: the file is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damage that can be read over, of sizes above which there is an error
            return _rgb(_opened(content, name))
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError(f"{name}: not a picture in a known format") from error
    except Exception as error:  # Pillow's readers raise all kinds on damaged files
        raise PictureError(f"{name}: damaged ({' '.join(str(error).split()) or type(error).__name__})") from error


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


def _opened(content: bytes, name: str) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise PictureError(f"{name}: more than {MOST_PIXELS:,} pixels") from None
    if picture.mode == "F":
        raise PictureError(f"{name}: a floating-point picture, whose black and white are not known")
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise PictureError(f"{name}: {width:,} × {height:,} pixels are more than {MOST_PIXELS:,}")
    return picture


def _rgb(picture: Image.Image) -> np.ndarray:
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):  # 16 bits, or 32 of which 16 are used
        grey = np.clip(np.asarray(picture), 0, 65535).astype(np.uint32)
        return np.repeat(((grey + 128) // 257).astype(np.uint8)[..., np.newaxis], 3, axis=2)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return np.asarray(picture.convert("RGB"))
