"""Films for tests, made by PyAV: of any rate, shape, kind, with and without sound."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.photos import astronaut

CLOCK = Fraction(1, 90_000)
TONE = 440
"""Pitch of the sound in Hz."""


def write_film(
    path: Path,
    pictures: Iterable[np.ndarray],
    rate: int = 10,
    *,
    stamps: Sequence[float] | None = None,
    kind: str | None = None,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    size: tuple[int, int] | None = None,
    ratio: Fraction | None = None,
    turned: int = 0,
    sound: tuple[float, float] | None = None,
    sound_codec: str = "aac",
    options: Mapping[str, str] | None = None,
) -> Path:
    """Write a film and return its path.

    Args:
        path: of the file.
        pictures: (height, width, 3) uint8 RGB, all of one size.
        rate: frames a second.
        stamps: when each frame is, in seconds; None: at the rate.
        kind: FFmpeg's name of the format; None: by the path.
        codec: of the pictures.
        pixels: FFmpeg's name of their kind.
        size: width, height in the file; None: that of the pictures.
        ratio: width of a pixel by its height.
        turned: degrees by which a player turns the pictures, counter-clockwise.
        sound: (first, last) second of a tone.
        sound_codec: of the tone.
        options: of the encoder of the pictures.
    """
    with av.open(str(path), "w", format=kind) as container:
        track = container.add_stream(sound_codec, rate=48_000, layout="mono") if sound else None
        pictures = iter(pictures)
        first = next(pictures)
        stream = container.add_stream(codec, rate=rate, options={"x265-params": "log-level=none"} | dict(options or {}))
        stream.width, stream.height = size or first.shape[1::-1]
        stream.pix_fmt = pixels
        if stamps is not None:
            stream.codec_context.time_base = CLOCK
        if ratio:
            stream.codec_context.sample_aspect_ratio = ratio
        if turned:
            stream.set_display_rotation(turned)
        for number, picture in enumerate([first, *pictures]):
            frame = av.VideoFrame.from_ndarray(picture).reformat(stream.width, stream.height, pixels)
            if stamps is not None:
                frame.pts, frame.time_base = round(stamps[number] / CLOCK), CLOCK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if track:
            _write_tone(container, track, *sound)
    return path


def _write_tone(container: av.container.OutputContainer, track: av.AudioStream, first: float, last: float) -> None:
    """Write a tone from one second to another."""
    for start in range(round(first * 48_000), round(last * 48_000), 1024):
        wave = 0.5 * np.sin(2 * np.pi * TONE / 48_000 * np.arange(start, start + 1024))
        frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        container.mux(track.encode(frame))
    container.mux(track.encode(None))


def moving(count: int, step: int = 4) -> list[np.ndarray]:
    """Return pictures of the astronaut, who moves to the right by so many pixels a picture."""
    return [np.roll(astronaut(), step * number, axis=1) for number in range(count)]


def loudness(path: Path, piece: float = 0.1) -> np.ndarray:
    """Return the root mean square of the sound of a film in each piece of so many seconds."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", 48_000)
        parts = [
            (frame.time, part.to_ndarray()[0])
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        ]
    sound = np.zeros(max(round(time * 48_000) + len(part) for time, part in parts))
    for time, part in parts:
        start = max(0, round(time * 48_000))
        sound[start : start + len(part)] = part[: len(sound) - start]
    pieces = sound[: len(sound) // round(piece * 48_000) * round(piece * 48_000)].reshape(-1, round(piece * 48_000))
    return np.sqrt((pieces**2).mean(axis=1))
