"""Cameras of this machine, and those that have an address: a picture at a time, again after a failure."""

from typing import Protocol

import av
import cv2
import numpy as np

from openfer.app.containers import FORMATS, VideoError
from openfer.app.frames import believed
from openfer.app.upright import Upright

STREAM_FORMATS = ("hls", "mpjpeg", "rtsp", *FORMATS)
"""FFmpeg's names of what a camera sends."""

PROTOCOLS = "crypto,http,https,rtp,rtsp,rtsps,srtp,tcp,tls,udp"
"""By which it is fetched: a playlist from there opens no file of this machine."""

PATIENCE = (10.0, 5.0)
"""Seconds to wait for a connection, and for a picture."""


class Source(Protocol):
    """Where pictures come from.

    Attributes:
        rate: frames a second.
        mirrored: whether people expect to see themselves as in a mirror.
    """

    rate: float
    mirrored: bool

    def read(self) -> np.ndarray | None:
        """Return the next picture, (height, width, 3) RGB; None where none came."""

    def reopen(self) -> None:
        """Try to get pictures again."""

    def close(self) -> None:
        """Give the camera back."""


class Device:
    """A camera of this machine."""

    mirrored = True

    def __init__(self, number: int) -> None:
        """Open it.

        Args:
            number: of the camera, from 0 on.
        """
        self.capture = cv2.VideoCapture(number)
        self.rate = believed(self.capture.get(cv2.CAP_PROP_FPS))

    def read(self) -> np.ndarray | None:
        """Return the next picture, (height, width, 3) RGB; None where none came."""
        read, picture = self.capture.read()
        return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) if read else None

    def reopen(self) -> None:
        """Nothing: a camera that is still there delivers again."""

    def close(self) -> None:
        """Give the camera back."""
        self.capture.release()


class Stream:
    """A camera that has an address."""

    mirrored = False

    def __init__(self, address: str) -> None:
        """Connect.

        Args:
            address: rtsp://…, rtsps://…, http://… or https://….

        Raises:
            VideoError: nobody answers, what comes is no video, or a film that has an end.
        """
        self.address = address
        self._connect()
        if (self.container.duration or 0) > 0:
            self.close()
            raise VideoError(f"{address}: a film, not a camera: download it and call openfer video")
        self.rate = believed(self.stream.guessed_rate)

    def read(self) -> np.ndarray | None:
        """Return the next picture, (height, width, 3) RGB; None where none came."""
        try:
            frame = next(self.frames, None)
        except av.FFmpegError:
            return None
        return None if frame is None else self.upright(frame)

    def reopen(self) -> None:
        """Connect again, where that can be done now."""
        self.close()
        try:
            self._connect()
        except VideoError:
            self.frames = iter(())

    def close(self) -> None:
        """Hang up."""
        self.container.close()

    def _connect(self) -> None:
        options = {"format_whitelist": ",".join(STREAM_FORMATS), "protocol_whitelist": PROTOCOLS}
        options["rtsp_transport"] = "tcp"  # no torn pictures
        try:
            self.container = av.open(self.address, container_options=options, timeout=PATIENCE)
        except (av.FFmpegError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise VideoError(f"{self.address}: no camera answers there ({reason})") from None
        if not self.container.streams.video:
            self.close()
            raise VideoError(f"{self.address}: no pictures come from there")
        self.stream = self.container.streams.video[0]
        self.upright = Upright(self.address, self.stream)
        self.frames = self.container.decode(self.stream)


def source_of(camera: int | str) -> Source:
    """Open a camera.

    Args:
        camera: number of one of this machine, or the address of another.

    Raises:
        VideoError: it is not there.
    """
    return Device(camera) if isinstance(camera, int) else Stream(camera)
