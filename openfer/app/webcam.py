"""A camera, live: the picture never waits for the faces, which are found and judged beside it."""

import argparse
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import cv2
import numpy as np

from openfer.app.frames import VideoError, Writer, frames_a_second
from openfer.app.records import OUT
from openfer.drawing.annotation import annotated
from openfer.faces.predictor import Expression, Predictor
from openfer.faces.tracker import Tracker

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
        self.people: Sequence[tuple[int, Expression]] = ()
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
    """Reads a camera as fast as it delivers; `frames` holds the newest frame, RGB."""

    def __init__(self, source: int | str) -> None:
        """Open it.

        Raises:
            VideoError: it is not there, or in use.
        """
        super().__init__(daemon=True)
        self.capture, self.frames = cv2.VideoCapture(source), Newest()
        self.ended = self.unplugged = False
        read, first = self.capture.read()
        if not read:
            raise VideoError(f"camera {source}: not there, or used by another program")
        self.frames.put(cv2.cvtColor(first, cv2.COLOR_BGR2RGB))
        self.rate = frames_a_second(self.capture)
        self.size = first.shape[1], first.shape[0]

    def run(self) -> None:
        """Read until `ended` or the camera is unplugged."""
        while not self.ended:
            read, frame = self.capture.read()
            if not read:
                self.unplugged = True
                break
            self.frames.put(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
        self.ended = True

    def close(self) -> None:
        """Give the camera back."""
        self.capture.release()


def main(options: argparse.Namespace, predictor: Predictor) -> int:
    """Show the camera until q, Esc or Ctrl-C; with --record, write what is shown.

    Args:
        options: "camera", "record", "smooth", "out" as openfer/app/cli.py defines them.
        predictor: finds and judges the faces.
    """
    path = (options.out or OUT) / f"webcam-{datetime.now():%Y%m%d-%H%M%S}.mp4"
    with contextlib.ExitStack() as opened:
        camera = opened.enter_context(contextlib.closing(Camera(options.camera)))
        window, writer = Window(), None
        if options.record:
            writer = opened.enter_context(contextlib.closing(Writer(path, camera.rate, camera.size)))
        show(camera, Judge(predictor, Tracker(smoothing=options.smooth)), window, writer)
    if camera.unplugged:
        raise VideoError(f"camera {options.camera}: no more pictures came; was it unplugged?")
    return 0


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
        except cv2.error:
            raise VideoError(NO_WINDOW) from None

    def __call__(self, picture: np.ndarray) -> bool:
        """Show a picture; return False once the user wants to end."""
        cv2.imshow(TITLE, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        key = cv2.waitKey(1) & 0xFF
        return key not in (ord("q"), 27) and cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) > 0


def show(camera: Camera, judge: Judge, window: Callable[[np.ndarray], bool], writer: Writer | None) -> None:
    """Draw what is known of the faces over every frame of the camera, until the window or the camera ends."""
    for thread in (camera, judge):
        thread.start()
    try:
        while not (camera.ended or judge.ended):
            frame = camera.frames.take(1.0)
            if frame is None:
                continue
            judge.frames.put(frame)
            people = judge.people
            drawn = annotated(frame, [found for _, found in people], [f"#{number}" for number, _ in people])
            if writer:
                writer.write(drawn, time.monotonic(), may_drop=True)
            if not window(drawn):
                break
    finally:
        camera.ended = judge.ended = True
        for thread in (camera, judge):
            thread.join(timeout=5)
    if judge.error:
        raise judge.error
