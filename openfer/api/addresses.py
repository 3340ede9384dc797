"""Pictures from the network, where users allow it."""

import os
import re
import urllib.request
from http.client import HTTPException

from openfer.errors import Refused
from openfer.faces.pictures import PictureError

MOST_BYTES = 50 * 2**20
"""Of a picture that is loaded."""

SECONDS = 30
"""Time without a byte after which a server is given up."""


def is_address(source: str | os.PathLike) -> bool:
    """Tell whether a text is an address, as https://example.org/photo.jpg, and not a path."""
    return isinstance(source, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+:(//|[^/\\]*;base64,)", source) is not None


def require_allowed(address: str, allowed: bool) -> None:
    """Refuse an address that may not be loaded.

    Args:
        address: of any kind.
        allowed: whether the network may be used.

    Raises:
        Refused: it may not, or the address does not begin with http:// or https://.
    """
    name = address if len(address) <= 300 else f"{address[:60]}…"
    if address.startswith("data:"):
        raise Refused(f"{name}: pass the bytes, base64.b64decode(…) of what follows the comma")
    if not re.match("https?://", address, re.IGNORECASE):
        raise Refused(f"{name}: an address must begin with http:// or https://")
    if not allowed:
        raise Refused(f"{name}: an address; with urls=True it is loaded from the network")


def loaded(address: str) -> bytes:
    """Return what lies at an address.

    Raises:
        PictureError: nothing can be loaded, or more than `MOST_BYTES`.
    """
    request = urllib.request.Request(address, headers={"User-Agent": "openfer"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            content = answer.read(MOST_BYTES + 1)
    except (OSError, ValueError, HTTPException) as error:  # ValueError: an address that is none
        raise PictureError(f"{address}: cannot be loaded ({getattr(error, 'reason', error)})") from error
    if len(content) > MOST_BYTES:
        raise PictureError(f"{address}: more than {MOST_BYTES // 2**20} MiB")
    return content
