"""Films as files: opened by their content, no other file opened through them, one clock for picture and sound."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
from av.container import InputContainer

from openfer.errors import Refused

FORMATS = (
    "3gp", "apng", "asf", "avi", "dv", "flv", "gif", "h261", "h263", "h264", "hevc", "ivf", "m4v", "matroska", "mjpeg",
    "mov", "mp4", "mpeg", "mpegts", "mpegvideo", "mxf", "nut", "obu", "ogg", "rm", "vvc", "webm", "wtv", "yuv4mpegpipe",
)  # fmt: skip
"""FFmpeg's names of what holds a film itself. A playlist names other files of this machine, which it would open."""

JOINED, LEAP = 0.5, 3600.0
"""Seconds: stamps that fall by more belong to a film that was joined on; stamps that leap further are an error."""


class VideoError(Refused):
    """A video cannot be read or written."""


def opened(path: Path) -> InputContainer:
    """Open a film by its content, whatever it is called.

    Raises:
        VideoError: no file, or none that holds a film itself.
    """
    if not path.is_file():
        reason = "no such file" if not path.exists() else "no film in this folder" if path.is_dir() else "not a file"
        raise VideoError(f"{path}: {reason}")
    only = {"format_whitelist": ",".join(FORMATS), "protocol_whitelist": "file"}
    try:  # "file:", because FFmpeg takes what stands before a colon for a protocol
        return av.open(f"file:{path.absolute()}", container_options=only, metadata_errors="replace")
    except UnicodeEncodeError:
        raise VideoError(f"{path}: FFmpeg opens no file whose name is not UTF-8; rename it") from None
    except (PermissionError, IsADirectoryError) as error:
        raise VideoError(f"{path}: {error.strerror}") from None
    except (av.FFmpegError, ValueError, OSError):
        raise VideoError(f"{path}: not a video, or cut off before its table of frames was written") from None


def in_time(packets: Iterable[av.Packet], start: float, shifts: list[float] | None = None) -> Iterator[av.Packet]:
    """Yield packets of picture and sound with time stamps from 0 on that go on where those of a joined film fall.

    Each stream counts how often its stamps fell; the first that comes to a piece sets its beginning for all, so that
    picture and sound stay in step.

    Args:
        packets: of all streams, in the order of the file; their stamps are changed.
        start: the first stamp of the file in seconds.
        shifts: an empty list that gets the seconds by which the stamps of each piece are shifted.
    """
    shifts, end = [] if shifts is None else shifts, 0.0
    shifts.append(-start)
    piece: dict[int, int] = defaultdict(int)
    last: dict[int, float] = {}
    for packet in packets:
        stream = packet.stream.index
        if packet.dts is not None:
            stamp = float(packet.dts * packet.time_base)
            if not -JOINED <= stamp - last.get(stream, stamp) <= LEAP:
                piece[stream] += 1
                if piece[stream] == len(shifts):
                    shifts.append(end - stamp)
            last[stream] = stamp
            end = max(end, stamp + shifts[piece[stream]] + float((packet.duration or 0) * packet.time_base))
        for name in ("pts", "dts"):
            if getattr(packet, name) is not None:
                setattr(packet, name, getattr(packet, name) + round(shifts[piece[stream]] / packet.time_base))
        yield packet


def first_stamp(container: InputContainer) -> float:
    """Return the first time stamp of a film in seconds; 0 where it has none."""
    return (container.start_time or 0) / av.time_base
