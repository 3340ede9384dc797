"""The sound of a film, taken over to the marked one in step with its frames."""

import logging
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer, OutputContainer

from openfer.app.containers import first_stamp, in_time, opened

log = logging.getLogger(__name__)

RATE, CHANNELS = 48_000, 2
"""Samples a second, and stereo: what every browser plays."""

STEP = round(0.05 * RATE)
"""Samples by which sound may be off its time stamps before silence is put in or sound left out."""


class Sound:
    """Sound from one file to another, as AAC."""

    def __init__(self, path: Path, container: InputContainer, target: OutputContainer) -> None:
        """Start a track of `target`.

        Args:
            path: of the film, for messages.
            container: the film, opened for this alone.
            target: where nothing is written yet.
        """
        self.path, self.source, self.target = path, container, target
        self.track = target.add_stream("aac", rate=RATE, layout="stereo")
        self.track.bit_rate = 160_000
        self.blocks, self.waiting = self._placed(), np.zeros((CHANNELS, 0), np.float32)
        self.placed = self.written = 0

    def write_until(self, seconds: float) -> None:
        """Write what belongs to the film up to a time."""
        while (missing := round(seconds * RATE) - self.written) > 0:
            if not self.waiting.shape[1]:
                block = next(self.blocks, None)
                if block is None:
                    return
                self.waiting = block
            self._write(self.waiting[:, :missing])
            self.waiting = self.waiting[:, missing:]

    def close(self) -> None:
        """Finish the track."""
        if not self.written:
            log.warning("%s: its sound cannot be read, the marked film is silent", self.path)
            self._write(np.zeros((CHANNELS, 1024), np.float32))
        self.target.mux(self.track.encode(None))
        self.source.close()

    def _write(self, samples: np.ndarray) -> None:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE, self.written
        self.target.mux(self.track.encode(frame))
        self.written += samples.shape[1]

    def _placed(self) -> Iterator[np.ndarray]:
        """Yield (2, samples) that follow each other as their time stamps say: gaps are silent, what overlaps goes."""
        for place, samples in self._resampled():
            early = self.placed - place if place is not None and abs(self.placed - place) > STEP else 0
            while early < 0:  # a second at a time, however long the gap
                silence = np.zeros((CHANNELS, min(RATE, -early)), np.float32)
                early += silence.shape[1]
                self.placed += silence.shape[1]
                yield silence
            self.placed += samples[:, early:].shape[1]
            yield samples[:, early:]

    def _resampled(self) -> Iterator[tuple[int | None, np.ndarray]]:
        """Yield (place in samples from the start of the film, (2, samples)) of the sound as far as it can be read."""
        resampler, kind = None, None
        for frame in self._decoded():
            if kind != (kind := (frame.format.name, frame.layout.name, frame.sample_rate)):
                resampler = av.AudioResampler("fltp", "stereo", RATE)
            place = None if frame.pts is None else round(frame.time * RATE)
            for part in resampler.resample(frame):
                yield place, part.to_ndarray()
                place = None

    def _decoded(self) -> Iterator[av.AudioFrame]:
        # Pictures are read, too: their time stamps say where joined films begin.
        streams = [*self.source.streams.video[:1], *self.source.streams.audio[:1]]
        try:
            for packet in in_time(self.source.demux(*streams), first_stamp(self.source)):
                if packet.stream.type == "audio":
                    yield from _frames(packet)
        except av.FFmpegError:
            return


def _frames(packet: av.Packet) -> list[av.AudioFrame]:
    try:
        return packet.decode()
    except av.FFmpegError:  # damaged: silence takes its place
        return []


def sound_of(path: Path, target: OutputContainer) -> Sound | None:
    """Start to take over the sound of a film; None where it has none that can be read.

    Args:
        path: of the film.
        target: where the sound goes; nothing is written yet.
    """
    container = opened(path)
    audio = container.streams.audio
    if audio and audio[0].codec_context:
        return Sound(path, container, target)
    container.close()
    if audio:
        log.warning("%s: its sound is in a code that cannot be read, the marked film is silent", path)
    return None
