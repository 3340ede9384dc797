"""Long films in sections that begin with key frames, so that several can look at one film."""

import struct
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from math import ceil, inf
from pathlib import Path
from zlib import crc32

import av

from openfer.app.containers import LEAP, first_stamp, in_time, opened
from openfer.app.frames import WHOLE, length_of, packets_of, stream_of

SEAM = 5
"""Frames behind a section that are read with it: they must look as they do to who begins there."""


class Looks:
    """Says at which frames to look.

    Attributes:
        every: seconds from one to the next; 0: at all.
        due: second from which on the next one is.
    """

    def __init__(self, every: float, due: float = -inf) -> None:
        self.every, self.due = every, due

    def __call__(self, seconds: float) -> bool:
        """Tell whether to look at a frame; they come in order."""
        look = seconds >= self.due - 1e-6  # times are sums of fractions
        if look:
            self.due = (self.due if self.due + self.every > seconds else seconds) + self.every
        return look


@dataclass(frozen=True)
class Section:
    """Frames of a film.

    Attributes:
        number: of the first one, a key frame.
        seconds: when it is.
        stamp: time stamp of its packet in the file; of the film's own first frame it is not needed.
        due: as in `Looks`, when it comes.
        end: number of the frame after the last one.
        total: frames of the film.
        times: checksum of when the frames are that are read.
    """

    number: int
    seconds: float
    stamp: int
    due: float
    end: int
    total: int
    times: int

    @property
    def stop(self) -> int:
        """Number of the frame after the last one that is read."""
        return stop_of(self.end, self.total)


def stop_of(end: int, total: int) -> int:
    """Return the number of the frame after the last one that is read of a section with such an end."""
    return min(end + SEAM, total)


def checksum(seconds: float, before: int = 0) -> int:
    """Return the checksum of times that go on with one more."""
    return crc32(struct.pack("<d", seconds), before)


def sections(path: Path, longest: float, every: float) -> list[Section]:
    """Return about equal sections of a film; none where it is short, or cannot be cut so that the frames stay the same.

    Its packets are read, and none is decoded.

    Args:
        path: of the film.
        longest: seconds of a section, to which it is a little longer, as it ends before a key frame.
        every: as in `Looks`.

    Raises:
        VideoError: no film.
        FFmpegError: it is damaged.
    """
    with closing(opened(path)) as container:
        stream = stream_of(path, container)
        if not longest or length_of(container, stream) <= longest:
            return []
        stamps, keys = _stamps(container, stream)
        seconds = [float(stamp * stream.time_base) for stamp in stamps]
        promised = stream.frames
    if not stamps or len(stamps) < WHOLE * promised or seconds[0] < 0 or max(_steps(seconds)) > LEAP:
        return []
    starts = _starts(seconds, [(bisect_left(stamps, shown), packet) for shown, packet in keys], longest)
    return _between(starts, seconds, every) if len(starts) > 1 else []


def _stamps(container: av.container.InputContainer, stream: av.VideoStream) -> tuple[list[int], list[tuple[int, int]]]:
    """Return when frames are shown, in order, and (when shown, stamp of the packet in the file) of the key frames.

    All are in units of the stream; there are none where a packet has no time, two have the same, or films were joined.
    """
    shifts, stamps, keys = [], [], []
    for packet in in_time(packets_of(container, stream), first_stamp(container), shifts):
        if packet.stream is not stream or not packet.size or packet.is_discard:
            continue
        if packet.pts is None or len(shifts) > 1:
            return [], []
        stamps.append(packet.pts)
        if packet.is_keyframe:
            # Files are searched by what their packets are sorted by, where they tell it.
            stamp = packet.pts if packet.dts is None else packet.dts
            keys.append((packet.pts, stamp - round(shifts[0] / packet.time_base)))
    return (sorted(stamps), keys) if len(set(stamps)) == len(stamps) else ([], [])


def _steps(seconds: Sequence[float]) -> list[float]:
    return [after - before for before, after in pairwise([0.0, *seconds])]


def _starts(seconds: Sequence[float], keys: Sequence[tuple[int, int]], longest: float) -> list[tuple[int, int]]:
    """Return (number, stamp of the packet) of the first frame of each section: key frames, but for the film's own."""
    length = seconds[-1] - seconds[0]
    count = ceil(length / longest)
    starts = [(0, 0)]
    for part in range(1, count):
        wanted = bisect_left(seconds, seconds[0] + part * length / count)
        after = next((key for key in keys if key[0] >= max(wanted, starts[-1][0] + 1)), None)
        if after:
            starts.append(after)
    return starts


def _between(starts: Sequence[tuple[int, int]], seconds: Sequence[float], every: float) -> list[Section]:
    """Return the sections from each start to the next."""
    looks, dues = Looks(every), []
    for second in seconds:
        dues.append(looks.due)
        looks(second)
    ends, total = [number for number, _ in starts[1:]] + [len(seconds)], len(seconds)
    found = []
    for (number, stamp), end in zip(starts, ends, strict=True):
        times = reduce(lambda before, one: checksum(one, before), seconds[number : stop_of(end, total)], 0)
        found.append(Section(number, seconds[number], stamp, dues[number], end, total, times))
    return found
