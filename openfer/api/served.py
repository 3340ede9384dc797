"""What a service answers: pictures as JSON has them → faces; anything else is refused with the reason."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from openfer.api.recognizer import Recognizer
from openfer.errors import Refused


def answers(recognize: Recognizer, pictures: Sequence[Any], crop: bool = False) -> list[dict[str, Any]]:
    """Return for each picture "width", "height" and "faces".

    Args:
        recognize: finds and judges the faces.
        pictures: each a file in base64, or values from 0 to 255, (height, width) or (height, width, 3), as nested lists
            or an array.
        crop: whether the pictures are faces already, cut out as in FER2013.

    Raises:
        Refused: one of them is none of these; nothing is answered.
    """
    results = recognize([_decoded(one, f"picture {number}") for number, one in enumerate(pictures, start=1)], crop=crop)
    for result in results:
        if result.error:
            raise Refused(result.error)
    return [{key: value for key, value in result.to_dict().items() if key != "file"} for result in results]


def _decoded(picture: Any, name: str) -> bytes | np.ndarray:
    """Return the content of a file, or an array of type uint8."""
    if isinstance(picture, str):
        text = re.sub(r"^data:[^,]*;base64,", "", picture)
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            raise Refused(f"{name}: a text must be a picture file in base64, no path and no address") from None
    if not isinstance(picture, list | np.ndarray):
        kind = type(picture).__name__
        raise Refused(f"{name}: pass a picture file in base64, or values from 0 to 255 in rows. Received: {kind}")
    try:
        array = np.asarray(picture)
    except ValueError:
        raise Refused(f"{name}: its rows differ in length") from None
    if array.dtype.kind not in "iu":
        return array  # the recognizer says why it cannot be read
    if array.size and not 0 <= array.min() <= array.max() <= 255:
        raise Refused(f"{name}: values must be from 0 to 255. Received: {array.min()} to {array.max()}")
    return array.astype(np.uint8)
