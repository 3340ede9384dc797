"""Frames as they are to be shown: upright, in square pixels, no larger than the memory bears."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from openfer.app.containers import VideoError

MOST_PIXELS = 8192 * 4608
"""Of a frame; larger ones are refused before any is unpacked."""

HD = 720
"""Lines from which on players take the colours of HD television where a film does not tell."""

NOT_TOLD = 2
"""What FFmpeg calls colours of which a film says nothing."""


class Upright:
    """Makes pictures of the frames of one film."""

    def __init__(self, source: Path | str, stream: av.VideoStream) -> None:
        """Look at what the film says of its frames, and let it unpack none that is larger.

        Args:
            source: of the film, for messages.
            stream: of which nothing is decoded yet.

        Raises:
            VideoError: its frames have more than `MOST_PIXELS`.
        """
        self.ratio = plausible(stream.sample_aspect_ratio)
        width, height = squared(stream.width, stream.height, self.ratio)
        if width * height > MOST_PIXELS:
            raise VideoError(f"{source}: frames of {width} × {height} pixels are more than {MOST_PIXELS:,}")
        stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}  # a film may grow
        self.turns: dict[tuple[int, int], tuple[bool, bool, bool]] = {}

    def __call__(self, frame: av.VideoFrame) -> np.ndarray:
        """Return a frame as it is to be shown, (height, width, 3) uint8 RGB, turned and mirrored back."""
        size = frame.width, frame.height
        if size not in self.turns:  # once: who asks every frame keeps them all, as each holds itself then
            self.turns[size] = turns(frame)
        colours = "ITU709" if frame.colorspace == NOT_TOLD and frame.height >= HD else None
        picture = frame.reformat(*squared(*size, self.ratio), "rgb24", src_colorspace=colours).to_ndarray()
        swapped, mirrored, upside_down = self.turns[size]
        if swapped:
            picture = picture.transpose(1, 0, 2)
        return np.ascontiguousarray(picture[:: -1 if upside_down else 1, :: -1 if mirrored else 1])


def plausible(ratio: Fraction | None) -> Fraction:
    """Return width by height of a pixel; 1 where a film says nothing or what cannot be."""
    return ratio if ratio and Fraction(1, 4) <= ratio <= 4 else Fraction(1)


def squared(width: int, height: int, ratio: Fraction) -> tuple[int, int]:
    """Return width and height of a frame in square pixels, never less than it has.

    Args:
        width: of the frame in its own pixels.
        height: of it.
        ratio: width of a pixel by its height.
    """
    return (round(width * ratio), height) if ratio >= 1 else (width, round(height / ratio))


def turns(frame: av.VideoFrame) -> tuple[bool, bool, bool]:
    """Return whether rows and columns of a frame are to be swapped, then columns, then rows to be reversed.

    The display matrix says x' = a·x + c·y, y' = b·x + d·y; what is no quarter turn is taken for the nearest one.
    """
    matrix = next((data for data in frame.side_data if data.type.name == "DISPLAYMATRIX"), None)
    if matrix is None:
        return False, False, False
    a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32)[:5].tolist()
    return (True, c < 0, b < 0) if abs(b) > abs(a) else (False, a < 0, d < 0)
