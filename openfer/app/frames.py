"""Films: upright frames in square pixels with their times in, frames with their times and the sound out."""

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.stream import Disposition

from openfer.app.containers import LEAP, VideoError, first_stamp, in_time, opened
from openfer.app.sound import sound_of
from openfer.app.upright import Upright
from openfer.files import WriteError, replacing

FASTEST = 240
"""Frames a second of a real film; browsers' recordings say 1,000, which is the unit of their time stamps."""

CLOCK = 90_000
"""Ticks a second of the films that are written: every usual rate comes out even, or nearly."""

WHOLE = 0.9
"""Share of the frames that a file promises, from which on it counts as whole: some promise a few too many."""


def believed(rate: float | None) -> float:
    """Return the frames a second of a film or a camera: 25 where it says none, 60 where it says more than can be."""
    if rate is not None and rate > FASTEST:
        return 60.0
    return float(rate) if rate and rate > 0 else 25.0


def fitted(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a picture in another size (width, height), itself where it has that size."""
    if picture.shape[1::-1] == tuple(size):
        return picture
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


class Video:
    """A film.

    Attributes:
        path: the file.
        rate: frames a second, in the mean.
        count: frames that the file says it has, or about as many as its length says; 0 where it says neither.
        size: width, height in square pixels, as the first frame is to be shown.
        fault: once all is read, what is wrong with the file in a few words; empty where nothing is.
    """

    def __init__(self, path: Path) -> None:
        """Open a film.

        Raises:
            VideoError: no file, no film, no frame in it, or frames of more than `MOST_PIXELS`.
        """
        self.path, self.container, self.fault, self.damaged = path, opened(path), "", 0
        self.ended_by: av.FFmpegError | None = None
        try:
            self.stream = stream_of(path, self.container)
            self.upright = Upright(path, self.stream)
            self.rate = believed(self.stream.guessed_rate or self.stream.average_rate)
            self.count = self.stream.frames or round(length_of(self.container, self.stream) * self.rate)
            self.pictures, self.start = self._pictures(), (0, 0.0)
            self.first = next(self.pictures, None)
            if self.first is None:
                raise VideoError(f"{path}: not a video, or one without a frame that can be read")
        except BaseException:
            self.close()
            raise
        self.size = self.first[1].shape[1::-1]

    def __iter__(self) -> Iterator[tuple[int, float, np.ndarray]]:
        """Yield (number from 0, seconds, which never fall, (height, width, 3) RGB) of every frame, once.

        Frames of another size, as films have that were joined, get the size of the first.
        """
        (number, seconds), found = self.start, self.first
        while found is not None:
            stamp, picture = found
            # Raw streams carry no times: they are counted at their rate.
            untimed = stamp is None or stamp - seconds > LEAP
            now = seconds + bool(number) / self.rate if untimed else stamp
            seconds = max(seconds, now)
            yield number, seconds, fitted(picture, self.size)
            number += 1
            found = next(self.pictures, None)
        self.fault = self._fault(number)
        self.close()

    def go_to(self, stamp: int, number: int, seconds: float) -> None:
        """Go on from a key frame, of a film that gives each frame a time and was not joined.

        Args:
            stamp: time stamp of its packet in the file.
            number: of the frame.
            seconds: when it is.
        """
        self.container.seek(stamp, stream=self.stream)
        self.pictures, self.start = self._pictures(seconds), (number, seconds)
        self.first = next(self.pictures, None)

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def _pictures(self, start: float = -np.inf) -> Iterator[tuple[float | None, np.ndarray]]:
        """Yield (time stamp in seconds, upright picture) of every frame that can be read, from a time on."""
        for frame in self._frames():
            stamp = None if frame.pts is None else float(frame.pts * (frame.time_base or self.stream.time_base))
            if stamp is None or stamp >= start:
                yield stamp, self.upright(frame)

    def _frames(self) -> Iterator[av.VideoFrame]:
        try:
            for packet in in_time(packets_of(self.container, self.stream), first_stamp(self.container)):
                if packet.stream is self.stream:
                    yield from self._decoded(packet)
        except av.FFmpegError as error:  # the file ends here, whatever it promises
            self.damaged, self.ended_by = self.damaged + 1, error
            yield from self._decoded(None)

    def _decoded(self, packet: av.Packet | None) -> list[av.VideoFrame]:
        try:
            return self.stream.codec_context.decode(packet)
        except av.FFmpegError:
            self.damaged += 1
            return []

    def _fault(self, read: int) -> str:
        promised = self.stream.frames
        if read < WHOLE * promised:
            return f"{read} of {promised} frames could be read; it may be cut off"
        return f"{self.damaged} of its parts are damaged and left out" if self.damaged else ""


def stream_of(path: Path, container: av.container.InputContainer) -> av.VideoStream:
    """Return the film in a file, ready to be read; the picture on the cover of a song is none."""
    films = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not films or films[0].codec_context is None:
        raise VideoError(f"{path}: {'in a code that cannot be read' if films else 'not a video: no pictures in it'}")
    films[0].thread_type = "AUTO"
    return films[0]


def packets_of(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.Packet]:
    """Yield the packets of a film, and those of its sound, whose time stamps, too, say where joined films begin."""
    return container.demux(stream, *container.streams.audio[:1])


def length_of(container: av.container.InputContainer, stream: av.VideoStream) -> float:
    """Return the seconds that a film says it has; 0 where it says nothing."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


class Writer:
    """Writes a film as MP4 (H.264, AAC) that browsers play; it is there, whole, once the writer is closed."""

    def __init__(self, path: Path, rate: float, size: tuple[int, int], sound: Path | None = None) -> None:
        """Start a file.

        Args:
            path: of the result.
            rate: frames a second in the mean: how long frames last that come without a time, and the last one.
            size: width, height; one that is odd becomes a pixel more, as H.264 wants.
            sound: a film whose sound is taken over, in step with the times of the frames.

        Raises:
            VideoError: this build of PyAV has no encoder for H.264, or the file cannot be written.
        """
        self.path, self.size, self.lasts = path.absolute(), tuple(size), max(1, round(CLOCK / believed(rate)))
        self.tick = -1
        with self._told(), contextlib.ExitStack() as started:
            temporary = started.enter_context(replacing(self.path))
            # The table of frames comes first, so that a browser plays while it loads.
            self.container = av.open(f"file:{temporary}", "w", format="mp4", options={"movflags": "+faststart"})
            started.callback(self.container.close)
            self.stream = self._stream(believed(rate))
            self.sound = sound_of(sound, self.container) if sound else None
            self.container.start_encoding()  # what hinders it shows now, and not after an hour
            self.started = started.pop_all()

    def _stream(self, rate: float) -> av.VideoStream:
        # Without frames that look ahead the first one is at 0 in every player.
        fast = {"preset": "veryfast", "crf": "20", "bf": "0", "g": "120"}
        stream = self.container.add_stream("libx264", rate=Fraction(rate).limit_denominator(1001), options=fast)
        stream.width, stream.height = (length + length % 2 for length in self.size)
        stream.pix_fmt, stream.codec_context.time_base = "yuv420p", Fraction(1, CLOCK)
        for name in ("colorspace", "color_primaries", "color_trc", "color_range"):
            setattr(stream.codec_context, name, 1)  # BT.709, and the range of films
        return stream

    def write(self, picture: np.ndarray, seconds: float | None = None) -> None:
        """Add a frame.

        Args:
            picture: (height, width, 3) uint8 RGB; another size than the film's is changed to it.
            seconds: when it is, from the start of the film on, later than the one before; the first is shown from 0 on
                in any case. Without a time it follows at the rate.

        Raises:
            VideoError: the disk is full, or the folder was removed meanwhile.
        """
        wanted = self.tick + self.lasts if seconds is None else round(seconds * CLOCK)
        self.tick = 0 if self.tick < 0 else max(self.tick + 1, wanted)
        with self._told():
            frame = av.VideoFrame.from_ndarray(_even(fitted(picture, self.size)), format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
            frame.pts, frame.time_base = self.tick, Fraction(1, CLOCK)
            self.container.mux(self.stream.encode(frame))
            if self.sound:
                self.sound.write_until(self.tick / CLOCK)

    def close(self) -> None:
        """Finish the file; without a frame there is none.

        Raises:
            VideoError: it cannot be written whole.
        """
        with contextlib.suppress(_Empty), self._told(), self.started:
            if self.tick < 0:
                raise _Empty
            last = self.stream.encode(None)
            self.container.mux(last)
            if self.sound:
                self.sound.write_until((self.tick + self.lasts) / CLOCK)
                self.sound.close()
            self.container.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say in one line why a film cannot be written."""
        try:
            yield
        except WriteError:  # which says it
            raise
        except (av.FFmpegError, OSError) as error:
            if not self.path.parent.exists():
                folder = self.path.parent
                raise VideoError(f"{folder}: the folder of the results was removed meanwhile; start again") from None
            raise VideoError(f"{self.path}: the film cannot be written: {error.strerror or error}") from error


class _Empty(Exception):
    """There is no frame to be written."""


def _even(picture: np.ndarray) -> np.ndarray:
    """Return a picture with an even number of rows and columns: the last ones twice where they are odd."""
    height, width = picture.shape[:2]
    if not (height % 2 or width % 2):
        return picture
    return cv2.copyMakeBorder(picture, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
