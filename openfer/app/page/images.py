"""Pictures for a browser: small enough, marked, as files and as addresses."""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from openfer.drawing.annotation import annotated
from openfer.faces.predictor import Expression


def shrunk(picture: np.ndarray, most: int) -> np.ndarray:
    """Return a picture of at most `most` pixels a side; one that is reduced has even sides, as films need them."""
    size = shrunk_size((picture.shape[1], picture.shape[0]), most)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if max(picture.shape[:2]) > most else picture


def shrunk_size(size: tuple[int, int], most: int) -> tuple[int, int]:
    """Return the width and height that `shrunk` gives a picture of a width and height."""
    scale = most / max(size)
    return size if scale >= 1 else tuple(max(2, round(length * scale / 2) * 2) for length in size)


def marked(
    picture: np.ndarray,
    expressions: Sequence[Expression],
    names: Sequence[str],
    most: int,
    draw: Callable[..., np.ndarray] = annotated,
) -> np.ndarray:
    """Return a picture of at most `most` pixels a side with its faces marked.

    Args:
        picture: (height, width, 3) uint8 RGB.
        expressions: its faces.
        names: what stands before each emotion; none, or one a face.
        most: pixels of the longer side of the picture that is marked.
        draw: `annotated`, or `overlay`, which keeps the size of the picture.
    """
    small = shrunk(picture, most)
    scale = small.shape[1] / picture.shape[1]  # `moved` takes what a part was reduced to, and enlarges
    return draw(small, [replace(one, face=one.face.moved(1 / scale)) for one in expressions], names)


def as_jpeg(picture: np.ndarray) -> bytes:
    """Return a picture (height, width, 3) uint8 RGB as a JPEG file."""
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "JPEG", quality=90)
    return content.getvalue()


def as_address(content: bytes) -> str:
    """Return a JPEG file as an address that holds it."""
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"
