"""The live picture never waits for the faces; what cannot work says so in one line."""

import contextlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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
from tests.films import moving, write_film

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
    """A window that notes when it was shown what, and how often it was asked."""

    def __init__(self, most: int = 1000) -> None:
        self.times, self.marked, self.asked, self.most = [], [], 0, most
        self.last = None

    def __call__(self, picture: np.ndarray) -> bool:
        self.asked += 1
        if picture is not self.last:
            self.times.append(time.monotonic())
            self.marked.append(len(np.unique(picture)) > 3)
        self.last = picture
        return self.asked < self.most


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


def test_the_window_answers_while_no_picture_comes(monkeypatch):
    camera, watcher = Camera(0), Watcher(most=3)
    taken = iter([np.zeros((120, 160, 3), np.uint8)])
    monkeypatch.setattr(camera.frames, "take", lambda _: next(taken, None))
    show(camera, Judge(slow, Tracker()), watcher, writer=None)
    assert (watcher.asked, len(watcher.times)) == (3, 1)


def test_what_is_shown_is_recorded_at_the_times_at_which_it_was_shown(tmp_path, monkeypatch):
    writer = Writer(tmp_path / "webcam.mp4", 30, (160, 120))
    watcher = Watcher(most=20)
    show(Camera(0), Judge(slow, Tracker()), watcher, writer)
    writer.close()
    monkeypatch.undo()
    times = [seconds for _, seconds, _ in Video(tmp_path / "webcam.mp4")]
    assert len(times) == 20
    assert times[-1] == pytest.approx(watcher.times[-1] - watcher.times[0], abs=0.3)


class Script:
    """A capture that delivers these frames; None is a read that fails."""

    def __init__(self, *frames) -> None:
        self.frames = list(frames)

    def __call__(self, _):
        return self

    def read(self):
        frame = self.frames.pop(0) if self.frames else None
        return frame is not None, frame

    def get(self, _: int) -> float:
        return 30.0

    def release(self) -> None:
        pass


def delivered(monkeypatch, *frames, **options) -> list[np.ndarray]:
    """What a camera gives, picture by picture, until it is unplugged."""
    monkeypatch.setattr(cv2, "VideoCapture", Script(*frames))
    monkeypatch.setattr(Camera, "WAITS", (0.0, 0.0))
    camera, shown = Camera(0, **options), []
    monkeypatch.setattr(camera.frames, "put", shown.append)
    camera.run()
    assert camera.unplugged
    return [camera.frames.thing, *shown]


HALF = np.zeros((120, 160, 3), np.uint8)
HALF[:, :80] = 200


def test_a_read_that_fails_is_tried_again(monkeypatch):
    assert len(delivered(monkeypatch, HALF, None, HALF, None, None, HALF)) == 3
    assert len(delivered(monkeypatch, HALF, None, None, None, HALF)) == 1


def test_a_change_of_size_is_no_end(monkeypatch):
    shapes = [picture.shape for picture in delivered(monkeypatch, HALF, np.zeros((240, 320, 3), np.uint8), HALF)]
    assert shapes == 3 * [(120, 160, 3)]


@pytest.mark.parametrize(("mirror", "left"), [(True, 0), (False, 200)])
def test_a_camera_of_this_machine_is_a_mirror_unless_told_otherwise(monkeypatch, mirror, left):
    pictures = delivered(monkeypatch, HALF, HALF, mirror=mirror)
    assert {int(picture[60, 10, 0]) for picture in pictures} == {left}


def test_the_window_opens_at_the_size_of_the_picture(monkeypatch):
    done = []
    for name in ("namedWindow", "resizeWindow", "imshow", "waitKey", "getWindowProperty"):
        monkeypatch.setattr(webcam.cv2, name, lambda *words, name=name: done.append((name, *words)) or 1)
    monkeypatch.setenv("DISPLAY", ":0")
    window = webcam.Window()
    assert window(HALF)
    assert window(HALF)
    assert [words for words in done if words[0] == "resizeWindow"] == [("resizeWindow", webcam.TITLE, 160, 120)]


@contextlib.contextmanager
def served(send):
    """Serve what `send(write, number of the request)` writes; yield the address."""

    class Answer(BaseHTTPRequestHandler):
        asked = 0

        def do_GET(self) -> None:
            Answer.asked += 1
            with contextlib.suppress(OSError):
                send(self, Answer.asked)

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/video"
    finally:
        server.shutdown()
        server.server_close()


def pictures_of(count: int, shade: int = 90):
    """Send so many pictures as network cameras do, then hang up."""

    def send(answer, asked: int) -> None:
        answer.send_response(200)
        answer.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        answer.end_headers()
        for _ in range(count):
            content = cv2.imencode(".jpg", HALF)[1].tobytes()
            head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(content)}\r\n\r\n"
            answer.wfile.write(head.encode() + content + b"\r\n")

    return send


def test_a_camera_with_an_address_is_shown_as_it_is_and_asked_again_where_it_hangs_up(monkeypatch):
    with served(pictures_of(30)) as address:
        camera = Camera(address)
        shown = []

        def put(frame) -> None:
            shown.append(frame)
            camera.ended = len(shown) > 70

        monkeypatch.setattr(camera.frames, "put", put)
        camera.run()
        camera.close()
    assert camera.size == (160, 120)
    assert not camera.unplugged
    assert len(shown) > 70
    assert all(frame[60, 10, 0] == pytest.approx(200, abs=5) for frame in shown)


def test_an_address_where_nobody_answers_is_one_line(model, capsys):
    assert main(["webcam", "--camera", "http://127.0.0.1:9/", "--model", str(model)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("webcam: http://127.0.0.1:9/: no camera answers there")


def test_a_film_at_an_address_is_no_camera(tmp_path, model, capsys):
    content = write_film(tmp_path / "film.mp4", moving(5)).read_bytes()

    def send(answer, _: int) -> None:
        answer.send_response(200)
        answer.send_header("Content-Length", str(len(content)))
        answer.end_headers()
        answer.wfile.write(content)

    with served(send) as address:
        assert main(["webcam", "--camera", address, "--model", str(model)]) == 2
    assert "a film, not a camera: download it and call openfer video" in capsys.readouterr().err


def test_a_playlist_at_an_address_opens_no_file_of_this_machine(tmp_path, model, capsys):
    film = write_film(tmp_path / "film.ts", moving(5), kind="mpegts")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:0.5,\nfile://{film}\n"

    def send(answer, _: int) -> None:
        answer.send_response(200)
        answer.send_header("Content-Type", "application/vnd.apple.mpegurl")
        answer.end_headers()
        answer.wfile.write(playlist.encode())

    with served(send) as address:
        assert main(["webcam", "--camera", address, "--model", str(model)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    "camera", ["100", "file:///etc/passwd", "ftp://host/x", "concat:a|b", "http://", "front", "-1"]
)
def test_what_is_neither_a_number_nor_an_address_of_a_camera_is_refused(camera, capsys):
    with pytest.raises(SystemExit):
        main(["webcam", f"--camera={camera}"])
    assert "argument --camera" in capsys.readouterr().err


def test_without_a_window_no_recording_is_left(model, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(webcam.cv2, "namedWindow", no_window)
    assert main(["webcam", "--record", "--model", str(model), "--out", str(tmp_path / "out")]) == 2
    assert "openfer web" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*"))


def test_a_recording_that_cannot_be_written_is_not_told_as_one(model, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(webcam, "Window", Watcher)
    (tmp_path / "file").touch()
    assert main(["webcam", "--record", "--model", str(model), "--out", str(tmp_path / "file" / "out")]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "cannot be written" in printed.err


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
    printed = capsys.readouterr()
    assert printed.err == "webcam: camera 0: no more pictures came; was it unplugged?\n"
    monkeypatch.undo()
    (recording,) = tmp_path.iterdir()
    assert printed.out == f"recorded: {recording}\n"
    assert sum(1 for _ in Video(recording)) > 30


def test_without_windows_the_browser_is_recommended(model, capsys, monkeypatch):
    monkeypatch.setattr(webcam.cv2, "namedWindow", no_window)
    assert main(["webcam", "--model", str(model)]) == 2
    assert "openfer web shows the camera in a browser" in capsys.readouterr().err
