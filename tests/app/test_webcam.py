"""The live picture never waits for the faces; what cannot work says so in one line."""

import time

import cv2
import numpy as np
import pytest

from openfer.app import webcam
from openfer.app.cli import main
from openfer.app.frames import Video, Writer
from openfer.app.webcam import Camera, Judge, Newest, show
from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression
from openfer.faces.tracker import Tracker

FACE = Expression(Face((20, 30, 40, 40), 1.0), np.eye(7)[3], 0.5, 50.0)


class FakeCapture:
    """A camera of 30 frames a second that is unplugged after two seconds; camera 9 is not there."""

    def __init__(self, source: int) -> None:
        self.left = 0 if source == 9 else 60

    def read(self):
        self.left -= 1
        time.sleep(1 / 30)
        return self.left >= 0, np.full((120, 160, 3), 90, np.uint8)

    def get(self, _: int) -> float:
        return 30.0

    def release(self) -> None:
        pass


@pytest.fixture(autouse=True)
def camera(monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)


def slow(pictures):
    """A predictor that takes much longer than a frame."""
    time.sleep(0.3)
    return [[FACE] for _ in pictures]


def no_window(*_):
    raise cv2.error("not implemented")


class Watcher:
    """A window that notes when it was shown what."""

    def __init__(self, most: int = 1000) -> None:
        self.times, self.marked, self.most = [], [], most

    def __call__(self, picture: np.ndarray) -> bool:
        self.times.append(time.monotonic())
        self.marked.append(len(np.unique(picture)) > 3)
        return len(self.times) < self.most


def test_a_slow_predictor_does_not_slow_the_picture():
    watcher = Watcher()
    show(Camera(0), Judge(slow, Tracker()), watcher, writer=None)
    seconds = watcher.times[-1] - watcher.times[0]
    assert (len(watcher.times) - 1) / seconds > 25
    assert max(np.diff(watcher.times)) < 0.2
    assert not watcher.marked[0]
    assert watcher.marked[-1]


def test_the_user_ends_it():
    watcher = Watcher(most=5)
    show(Camera(0), Judge(slow, Tracker()), watcher, writer=None)
    assert len(watcher.times) == 5


def test_what_is_shown_is_recorded(tmp_path, monkeypatch):
    writer = Writer(tmp_path / "webcam.mp4", 30, (160, 120))
    watcher = Watcher(most=20)
    show(Camera(0), Judge(slow, Tracker()), watcher, writer)
    writer.close()
    monkeypatch.undo()
    shown = 30 * (watcher.times[-1] - watcher.times[0])
    assert sum(1 for _ in Video(tmp_path / "webcam.mp4")) == pytest.approx(shown + 1, abs=2)


def test_a_recording_runs_at_the_speed_of_the_clock(tmp_path, monkeypatch):
    monkeypatch.undo()
    writer = Writer(tmp_path / "webcam.mp4", 10, (160, 120))
    for now in (5.0, 5.02, 5.04, 6.0, 7.01):  # three frames at once, then one a second
        writer.write(np.full((120, 160, 3), 96, np.uint8), now, may_drop=True)
    writer.close()
    assert sum(1 for _ in Video(tmp_path / "webcam.mp4")) == 21


def test_a_number_that_no_camera_has_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["webcam", "--camera", "-1"])
    assert "--camera" in capsys.readouterr().err


def test_without_a_window_no_recording_is_left(model, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(webcam.cv2, "namedWindow", no_window)
    assert main(["webcam", "--record", "--model", str(model), "--out", str(tmp_path / "out")]) == 2
    assert "openfer web" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*"))


def test_an_error_of_the_predictor_ends_it_and_is_told():
    def broken(_):
        raise RuntimeError("the network is gone")

    with pytest.raises(RuntimeError, match="the network is gone"):
        show(Camera(0), Judge(broken, Tracker()), Watcher(), writer=None)


def test_who_takes_gets_the_newest_and_waits_for_one_that_is_new():
    place = Newest()
    place.put(1)
    place.put(2)
    assert place.take(0.01) == 2
    assert place.take(0.01) is None


def test_a_camera_that_is_not_there_is_refused_in_one_line(model, capsys):
    assert main(["webcam", "--camera", "9", "--model", str(model)]) == 2
    assert capsys.readouterr().err == "webcam: camera 9: not there, or used by another program\n"


def test_a_camera_that_is_unplugged_ends_it_with_a_line_and_a_whole_recording(model, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(webcam, "Window", Watcher)
    assert main(["webcam", "--record", "--model", str(model), "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "webcam: camera 0: no more pictures came; was it unplugged?\n"
    monkeypatch.undo()
    (recording,) = tmp_path.iterdir()
    assert sum(1 for _ in Video(recording)) > 30


def test_without_windows_the_browser_is_recommended(model, capsys, monkeypatch):
    monkeypatch.setattr(webcam.cv2, "namedWindow", no_window)
    assert main(["webcam", "--model", str(model)]) == 2
    assert "openfer web shows the camera in a browser" in capsys.readouterr().err
