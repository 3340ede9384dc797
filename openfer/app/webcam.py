"""A camera, live: the picture never waits for the faces, which are found and judged beside it."""

import argparse
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from openfer.app.cameras import source_of
from openfer.app.containers import VideoError
from openfer.app.frames import Writer, fitted
from openfer.app.records import new_folder
from openfer.drawing.annotation import overlay
from openfer.faces.predictor import Expression, Predictor
from openfer.faces.tracker import Person, Tracker

TITLE = "expressions (q ends)"

NO_WINDOW = "no window can be opened (OpenCV's headless build, or no screen): openfer web shows the camera in a browser"

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
"""One of these is set on Linux where a window can be opened."""


class Newest:
    """A place for one thing: who puts never waits, who takes gets the newest and waits for one that is new."""

    def __init__(self) -> None:
        self.condition, self.thing, self.new = threading.Condition(), None, False

    def put(self, thing: Any) -> None:
        """Replace what is there."""
        with self.condition:
            self.thing, self.new = thing, True
            self.condition.notify()

    def take(self, seconds: float) -> Any:
        """Return the newest thing, or None where none comes in time."""
        with self.condition:
            if not self.condition.wait_for(lambda: self.new, seconds):
                return None
            self.new = False
            return self.thing


class Judge(threading.Thread):
    """Judges the newest frame, over and over; `people` is what was found last."""

    def __init__(self, predictor: Predictor, tracker: Tracker) -> None:
        super().__init__(daemon=True)
        self.predictor, self.tracker, self.frames = predictor, tracker, Newest()
        self.people: Sequence[tuple[Person, Expression]] = ()
        self.error: Exception | None = None
        self.ended = False

    def run(self) -> None:
        """Work until `ended`."""
        while not self.ended:
            frame = self.frames.take(0.1)
            if frame is None:
                continue
            try:
                self.people = self.tracker.update(self.predictor([frame])[0], time.monotonic())
            except Exception as error:  # the thread that shows the picture raises it again
                self.error, self.ended = error, True


class Camera(threading.Thread):
    """Reads a camera as fast as it delivers; `frames` holds the newest frame, RGB, all of one size."""

    WAITS = (0.1, 0.3, 1.0, 2.0)
    """Seconds after which a picture is tried again that did not come."""

    def __init__(self, source: int | str, mirror: bool = True) -> None:
        """Open it.

        Args:
            source: number of a camera of this machine, or the address of another.
            mirror: show a camera of this machine as a mirror does.

        Raises:
            VideoError: it is not there, or in use.
        """
        super().__init__(daemon=True)
        self.source, self.frames = source_of(source), Newest()
        self.mirror = mirror and self.source.mirrored
        self.ended = self.unplugged = False
        first = self.source.read()
        if first is None:
            self.close()
            raise VideoError(f"camera {source}: not there, or used by another program")
        self.rate, self.size = self.source.rate, first.shape[1::-1]
        self._put(first)

    def run(self) -> None:
        """Read until `ended` or the camera is unplugged."""
        while not self.ended:
            frame = self._read()
            if frame is None:
                self.unplugged = not self.ended
                break
            self._put(frame)
        self.ended = True

    def close(self) -> None:
        """Give the camera back."""
        self.source.close()

    def _read(self) -> np.ndarray | None:
        """Return the next frame; None where none comes though it is tried again a few times."""
        frame = self.source.read()
        for wait in self.WAITS:
            if frame is not None or self.ended:
                break
            time.sleep(wait)
            self.source.reopen()
            frame = self.source.read()
        return frame

    def _put(self, frame: np.ndarray) -> None:
        frame = fitted(frame, self.size)
        self.frames.put(np.ascontiguousarray(frame[:, ::-1]) if self.mirror else frame)


def main(options: argparse.Namespace, predictor: Predictor) -> int:
    """Show the camera until q, Esc or Ctrl-C; with --record, write what is shown.

    Args:
        options: "camera", "no_mirror", "record", "smooth", "out" as openfer/app/cli.py defines them.
        predictor: finds the faces and predicts what they show.
    """
    with contextlib.ExitStack() as opened:
        camera = opened.enter_context(contextlib.closing(Camera(options.camera, not options.no_mirror)))
        window, writer = Window(), None
        if options.record:
            path = (options.out or new_folder()) / f"webcam-{datetime.now():%Y%m%d-%H%M%S}.mp4"
            opened.callback(_tell_recorded, path)
            writer = opened.enter_context(contextlib.closing(Writer(path, camera.rate, camera.size)))
        show(camera, Judge(predictor, Tracker(smoothing=options.smooth)), window, writer)
    if camera.unplugged:
        raise VideoError(f"camera {options.camera}: no more pictures came; was it unplugged?")
    return 0


def _tell_recorded(path: Path) -> None:
    if path.is_file():  # else an error says why
        sys.stdout.write(f"recorded: {path}\n")


class Window:
    """A window of OpenCV."""

    def __init__(self) -> None:
        """Open it.

        Raises:
            VideoError: this build of OpenCV has no windows, or there is no screen.
        """
        if sys.platform == "linux" and not any(map(os.environ.get, SCREENS)):  # where Qt would end the program
            raise VideoError(NO_WINDOW)
        try:
            cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO)
            self.sized = False
        except cv2.error:
            raise VideoError(NO_WINDOW) from None

    def __call__(self, picture: np.ndarray) -> bool:
        """Show a picture; return False once the user wants to end."""
        if not self.sized:  # a pixel a pixel; the user may change it
            cv2.resizeWindow(TITLE, *picture.shape[1::-1])
            self.sized = True
        cv2.imshow(TITLE, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        key = cv2.waitKey(1) & 0xFF
        return key not in (ord("q"), 27) and cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) > 0


def show(camera: Camera, judge: Judge, window: Callable[[np.ndarray], bool], writer: Writer | None) -> None:
    """Draw what is known of the faces over every frame of the camera, until the window or the camera ends."""
    for thread in (camera, judge):
        thread.start()
    begun, drawn = time.monotonic(), None
    try:
        while not (camera.ended or judge.ended):
            frame = camera.frames.take(1.0)
            if frame is None:
                if drawn is not None and not window(drawn):  # it answers while no picture comes
                    break
                continue
            judge.frames.put(frame)
            people = judge.people
            names = [f"#{person.number}" if person.number else "" for person, _ in people]
            drawn = overlay(frame, [found for _, found in people], names)
            if writer:
                writer.write(drawn, time.monotonic() - begun)
            if not window(drawn):
                break
    finally:
        camera.ended = judge.ended = True
        for thread in (camera, judge):
            thread.join(timeout=5)
    if judge.error:
        raise judge.error
