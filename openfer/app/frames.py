"""Videos: frames with their times in, annotated frames out, sound kept where ffmpeg is installed."""

import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from openfer.errors import Refused
from openfer.files import replacing

log = logging.getLogger(__name__)


FORMATS = ("avi", "matroska", "mov", "mp4", "webm", "mpegts", "mpeg", "asf", "flv", "ogg", "gif", "mjpeg", "m4v", "mxf")
"""FFmpeg's names of what holds a film itself. A playlist names other files of this machine, which it would open."""

MOST_PIXELS = 8192 * 4608
"""Of a frame; larger ones are refused before any is unpacked."""

FASTEST = 240
"""Frames a second of a real film; browsers' recordings say 1,000, which is the unit of their time stamps."""


class VideoError(Refused):
    """A video cannot be read or written."""


def frames_a_second(capture: cv2.VideoCapture) -> float:
    """Return the rate of a film or a camera: 25 where it says none, 60 where it says more than there can be."""
    rate = capture.get(cv2.CAP_PROP_FPS)
    if rate > FASTEST:
        return 60.0
    return rate if rate > 0 else 25.0


class Video:
    """A video file.

    Attributes:
        path: the file.
        rate: frames a second.
        count: frames that the file says it has; 0 where it does not say.
        size: width, height.
    """

    def __init__(self, path: Path) -> None:
        """Open a video.

        Raises:
            VideoError: no file, no video, no frame in it, or frames of more than `MOST_PIXELS`.
        """
        if not path.is_file():
            raise VideoError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
        try:
            os.fsencode(path).decode()
        except UnicodeDecodeError:  # OpenCV crashes
            raise VideoError(f"{path}: OpenCV opens no file whose name is not UTF-8; rename it") from None
        os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = f"format_whitelist;{','.join(FORMATS)}"  # the only way to say so
        # Absolute, because FFmpeg takes what stands before a colon for a protocol.
        self.path, self.capture = path, cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG)
        width, height = (self.capture.get(key) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if width * height > MOST_PIXELS:
            raise VideoError(f"{path}: frames of {width:.0f} × {height:.0f} pixels are more than {MOST_PIXELS:,}")
        read, first = self.capture.read()
        if not read:
            raise VideoError(f"{path}: not a video, or one without a frame that can be read")
        self.first = first
        self.rate = frames_a_second(self.capture)
        self.count = max(0, int(self.capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        self.size = first.shape[1], first.shape[0]

    def __iter__(self) -> Iterator[tuple[int, float, np.ndarray]]:
        """Yield (number from 0, seconds, which never fall, (height, width, 3) RGB) of every frame, once."""
        number, frame, seconds, behind = 0, self.first, 0.0, 0.0
        while frame is not None:
            # The container's time stamp; files that carry none are counted at their rate.
            stamp = self.capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            now = stamp if stamp > 0 else number / self.rate
            if now + behind < seconds:  # films that were joined begin again at 0
                behind = seconds + 1 / self.rate - now
            seconds = now + behind
            yield number, seconds, cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            number += 1
            frame = self.capture.read()[1]
        self.capture.release()


CODECS = {".mp4": "mp4v", ".webm": "VP80"}
"""What OpenCV's wheels can write: MPEG-4 for players, WebM for browsers."""


class Writer:
    """Writes a video of frames; it is there, whole, once the writer is closed."""

    def __init__(
        self, path: Path, rate: float, size: tuple[int, int], sound: Path | None = None, longest_gap: float = 60.0
    ) -> None:
        """Start a file.

        Args:
            path: of the result, .mp4 or .webm.
            rate: frames a second.
            size: width, height.
            sound: a video whose sound is taken over where ffmpeg is installed.
            longest_gap: seconds for which a frame is repeated at most.

        Raises:
            VideoError: OpenCV cannot write it.
        """
        self.path, self.sound, self.rate, self.frames, self.started = path.absolute(), sound, rate, 0, None
        self.most_times = round(longest_gap * rate) + 1
        path.parent.mkdir(parents=True, exist_ok=True)
        self.silent = self.path.with_name(f".{path.stem}.silent{path.suffix}")
        self.writer = cv2.VideoWriter(str(self.silent), cv2.VideoWriter.fourcc(*CODECS[path.suffix]), rate, size)
        if not self.writer.isOpened():
            raise VideoError(f"{path}: this OpenCV cannot write {path.suffix}")

    def write(self, frame: np.ndarray, seconds: float | None = None, may_drop: bool = False) -> None:
        """Add a frame.

        Args:
            frame: (height, width, 3) RGB.
            seconds: when it is, on any clock that only grows; the frame is repeated until then, so that the film keeps
                time though frames are missing.
            may_drop: leave the frame out where the film has come further than its time.
        """
        times = 1
        if seconds is not None:
            self.started = seconds if self.started is None else self.started
            missing = 1 + round((seconds - self.started) * self.rate) - self.frames
            if missing > self.most_times:  # a time stamp far ahead is an error of the file; those after it go on there
                self.started += (missing - self.most_times) / self.rate
            times = min(max(missing, 0 if may_drop else 1), self.most_times)
        converted = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
        for _ in range(times):
            self.writer.write(converted)
        self.frames += times

    def close(self) -> None:
        """Finish the file; without a frame there is none.

        Raises:
            VideoError: it cannot be read again.
        """
        self.writer.release()
        try:
            if self.frames:
                if not self.silent.exists():
                    raise VideoError(
                        f"{self.path.parent}: the folder of the results was removed meanwhile; start again"
                    )
                if not cv2.VideoCapture(str(self.silent)).read()[0]:  # OpenCV writes on whether or not it can
                    raise VideoError(f"{self.path}: the film could not be written whole; is the disk full?")
                with replacing(self.path) as temporary:
                    shutil.move(self.silent, temporary)
                if self.sound:  # afterwards, so that there is a film whatever ends the joining
                    self._with_sound()
        finally:
            self.silent.unlink(missing_ok=True)

    def _with_sound(self) -> None:
        """Replace the film by one with the sound, as far as its frames go, where ffmpeg is installed and can."""
        ffmpeg = shutil.which("ffmpeg")
        if not ffmpeg:
            return
        command = [
            *(ffmpeg, "-loglevel", "error", "-y", "-i", self.path, "-t", str(self.frames / self.rate)),
            *("-i", self.sound.absolute(), "-map", "0:v", "-map", "1:a?"),
            *("-c:v", "copy", "-c:a", "aac", "-f", "mp4"),
        ]
        quietly = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "errors": "replace"}
        try:
            with replacing(self.path) as temporary:
                subprocess.run([*command, temporary], check=True, **quietly)
        except subprocess.CalledProcessError as error:
            reason = (error.stderr.strip().splitlines() or [f"exit code {error.returncode}"])[-1]
            log.warning("%s: ffmpeg could not join the sound, the film is silent: %s", self.path, reason)
