"""What one visitor, and all of them together, may take of this machine."""

import contextlib
import io
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from PIL import Image

from openfer.errors import Refused
from openfer.faces.pictures import formats

MOST_BYTES = 50 * 2**20
"""Of an upload."""

MOST_ASKED = 8 * 2**20
"""Bytes of a request that is no upload: a picture of the camera, as text."""

QUOTA = 2**30
"""Bytes of all uploads and results that are kept, together."""

MOST_PIXELS = 40_000_000
"""Of a photograph: its array has 120 MB."""

SECONDS = 60
"""Time that the work of one request may take, and that it may wait for its turn."""

AT_ONCE = 2
"""Requests that are worked on."""

WAITING = 8
"""Requests that may wait for their turn; others are told to come back."""

UPLOAD_SECONDS, SILENT_SECONDS = 120, 15
"""An upload is cut off when it is not there after so many seconds, or when nothing comes for so many. So long, too, a
connection may be without a request, and an answer not be taken."""

CONNECTIONS, TOLD = 200, 20
"""At once; the requests of so many more are told to come back, and others are cut off unheard."""

RETRY = 1
"""Seconds after which who was told to come back should."""

SWEPT, KEPT = 30, 600
"""Uploads and results are looked for every so many seconds, and deleted when they are older than so many."""


class Busy(Refused):
    """Too many requests wait already, or this one has waited too long."""


class TookTooLong(Refused):
    """The time of a request is over."""


class Gone(Refused):
    """Nobody waits for the result any more."""


class Turn:
    """The right to work for one request until its time is over or its visitor has gone."""

    def __init__(self, gone: Callable[[], bool]) -> None:
        self.gone, self.until = gone, time.monotonic() + SECONDS

    def check(self) -> None:
        """Go on or not; asked before each piece of work.

        Raises:
            TookTooLong: after `SECONDS`.
            Gone: the visitor has closed the page.
        """
        if self.gone():
            raise Gone("nobody waits for the result any more")
        if time.monotonic() > self.until:
            raise TookTooLong(f"this took longer than {SECONDS} seconds")


class Turns:
    """Lets `AT_ONCE` requests work, `WAITING` wait, and sends the others away."""

    def __init__(self) -> None:
        self.free, self.places = threading.BoundedSemaphore(AT_ONCE), threading.BoundedSemaphore(AT_ONCE + WAITING)

    @contextlib.contextmanager
    def take(self, gone: Callable[[], bool] = lambda: False, patience: float = SECONDS) -> Iterator[Turn]:
        """Wait for a turn and have it during the block.

        Args:
            gone: whether the visitor has left.
            patience: seconds to wait.

        Raises:
            Busy: too many wait, or it waits too long.
        """
        self._enter()
        try:
            if not self.free.acquire(timeout=patience):
                raise Busy("the machine is busy with other visitors; try again in a minute")
            try:
                turn = Turn(gone)
                turn.check()
                yield turn
            finally:
                self.free.release()
        finally:
            self.places.release()

    def require_place(self) -> None:
        """Refuse a request that would be sent away, before its content has come.

        Raises:
            Busy: too many wait.
        """
        self._enter()
        self.places.release()

    def _enter(self) -> None:
        if not self.places.acquire(blocking=False):
            raise Busy("too many visitors at the moment; try again in a minute")


class Visitors:
    """Remembers which sessions have ended lately, so that nobody works for them."""

    def __init__(self) -> None:
        self.ended: deque[str] = deque(maxlen=1000)

    def leave(self, session: str) -> None:
        """Note that a visitor has closed the page."""
        self.ended.append(session)

    def gone(self, session: str | None) -> Callable[[], bool]:
        """Return what tells whether a visitor has closed the page."""
        return lambda: session in self.ended


def require_small(content: bytes) -> None:
    """Refuse a photograph of more than `MOST_PIXELS` by what its first bytes say, before it is unpacked.

    What is no picture passes: who reads it says so.
    """
    try:
        with Image.open(io.BytesIO(content), formats=formats(content[:64])) as picture:
            width, height = picture.size
    except Image.DecompressionBombError:
        raise Refused(f"the picture has more than {MOST_PIXELS // 10**6} megapixels; make it smaller") from None
    except Exception:  # Pillow's readers raise all kinds on what is no picture
        return
    if width * height > MOST_PIXELS:
        most = f"{MOST_PIXELS // 10**6} megapixels"
        raise Refused(f"the picture has {width:,} × {height:,} pixels, more than {most}; make it smaller")
