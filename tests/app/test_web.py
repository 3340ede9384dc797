"""The page, in a real Chromium: a photograph, the map of where the network looked, and a camera that films a face."""

import http.client
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import cv2
import numpy as np
import pytest

from openfer.app.frames import Writer
from openfer.emotions import EMOTIONS
from tests.imports import ROOT
from tests.photos import astronaut, grace_hopper
from tests.servers import answers

web = pytest.importorskip("openfer.app.web", reason="needs requirements-app.txt")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
in_browser = pytest.mark.skipif(not CHROMIUM, reason="needs Debian's package chromium")


@pytest.fixture(scope="module")
def address(model, tmp_path_factory):
    """The page, served as a user serves it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("web") / "log"
    with log.open("w") as output:
        command = [sys.executable, "-m", "openfer", "web", "--model", str(model), "--port", str(port)]
        server = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
    try:
        while not answers(url):
            assert time.monotonic() < until and server.poll() is None, log.read_text()
            time.sleep(0.3)
        yield url
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """What the camera sees: motion JPEG, which is one picture after the other."""
    path = tmp_path_factory.mktemp("camera") / "face.mjpeg"
    pictures = [np.roll(astronaut(), shift, axis=1)[..., ::-1] for shift in (0, 2, 4, 2)]
    path.write_bytes(b"".join(cv2.imencode(".jpg", picture)[1].tobytes() for picture in pictures))
    return path


@pytest.fixture
def tab(address, film):
    """An open page in a browser with a camera."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    flags += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags += [f"--use-file-for-fake-video-capture={film}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_context(permissions=["camera"], viewport={"width": 1200, "height": 1000}).new_page()
        page.goto(address)
        page.get_by_text("An expression is not a feeling").wait_for()
        yield page
        browser.close()


def shares(page, where: str) -> dict[str, float]:
    """The emotions and their percentages that an element shows."""
    lines = page.locator(where).inner_text().split("\n")
    pairs = itertools.pairwise(lines)
    return {name: float(share.rstrip("%")) for name, share in pairs if name in EMOTIONS and share.endswith("%")}


def write_photo(path: Path, picture: np.ndarray) -> Path:
    cv2.imwrite(str(path), picture[..., ::-1])
    return path


@in_browser
def test_a_photo_is_marked_and_its_seven_percentages_are_shown(tab, tmp_path):
    tab.locator("#photo input[type=file]").set_input_files(write_photo(tmp_path / "photo.png", astronaut()))
    tab.locator("#marked img").wait_for()
    tab.locator("#bars").get_by_text("%").first.wait_for()
    found = shares(tab, "#bars")
    assert set(found) == set(EMOTIONS)
    assert sum(found.values()) == pytest.approx(100, abs=4)
    tab.locator("#where").click()
    tab.locator("#heat img").wait_for()


@in_browser
def test_two_faces_are_two_choices(tab, tmp_path):
    both = np.hstack([astronaut(), grace_hopper()[:480]])
    tab.locator("#photo input[type=file]").set_input_files(write_photo(tmp_path / "both.png", both))
    tab.locator("#bars").get_by_text("%").first.wait_for()
    first = tab.locator("#bars").inner_text()
    tab.locator("#which input[type=radio]").nth(1).check()
    tab.wait_for_function("first => document.querySelector('#bars').innerText !== first", arg=first)


@in_browser
def test_a_picture_without_a_face_says_so(tab, tmp_path):
    wall = np.full((200, 300, 3), 90, np.uint8)
    tab.locator("#photo input[type=file]").set_input_files(write_photo(tmp_path / "wall.png", wall))
    tab.get_by_text("No face was found.").wait_for()


@in_browser
def test_a_video_comes_back_marked_with_its_people(tab, tmp_path):
    path = tmp_path / "film.mp4"
    writer = Writer(path, 10, (640, 480))
    for _ in range(5):
        writer.write(astronaut())
    writer.close()
    tab.get_by_role("tab", name="Video").click()
    tab.locator("#video input[type=file]").set_input_files(path)
    tab.locator("#video-marked video").wait_for()
    tab.locator("#timeline img").wait_for()
    tab.locator("#people").get_by_text("first_seconds").wait_for()
    assert tab.evaluate("document.querySelector('#video-marked video').error") is None


@in_browser
def test_what_is_no_picture_is_said_in_a_line_without_a_path(tab, tmp_path):
    (tmp_path / "notes.png").write_text("not a picture")
    tab.locator("#photo input[type=file]").set_input_files(tmp_path / "notes.png")
    message = tab.locator(".toast-body")
    message.wait_for()
    assert "not a picture" in message.inner_text()
    assert "/" not in message.inner_text()


@in_browser
def test_a_camera_shows_live_bars(tab):
    tab.get_by_role("tab", name="Camera").click()
    tab.get_by_text("Click to Access Webcam").click()
    tab.get_by_text("Record").click()
    tab.locator("#camera-bars").get_by_text("%").first.wait_for()
    assert set(shares(tab, "#camera-bars")) == set(EMOTIONS)
    tab.locator("#camera-marked img").wait_for()


@in_browser
def test_on_a_phone_nothing_is_wider_than_the_screen(tab):
    tab.set_viewport_size({"width": 380, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 380


def asked(address: str, what: str, path: str) -> str:
    """What the page answers to a request that names a file by its path or address, instead of bringing it."""
    data = json.dumps({"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}]}).encode()
    question = urllib.request.Request(f"{address}/gradio_api/call/{what}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(question, timeout=20) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{address}/gradio_api/call/{what}/{event}", timeout=20) as answer:
        return answer.read().decode()


def test_the_page_opens_no_path_that_a_request_names(address, tmp_path):
    assert "event: error" in asked(address, "photo", str(write_photo(tmp_path / "private.png", astronaut())))


@pytest.mark.parametrize("what", ["photo", "video"])
def test_the_page_fetches_nothing_from_an_address(address, what):
    said = asked(address, what, f"{address}/theme.css")
    assert "event: error" in said and "no addresses" in said


def test_a_request_that_is_too_large_is_answered_before_it_is_read(address):
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    connection.putrequest("POST", "/gradio_api/upload")
    connection.putheader("Content-Length", str(2 * web.MOST_BYTES))
    connection.endheaders()
    assert connection.getresponse().status == 413


def test_what_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(web, "SECONDS", 0.05)
    with pytest.raises(web.gr.Error, match="longer than"):
        web.Limited()(lambda: time.sleep(0.5))()


def test_a_picture_too_large_for_a_browser_is_reduced():
    assert web.shrunk(np.zeros((10, 3 * web.LARGEST, 3), np.uint8)).shape == (3, web.LARGEST, 3)
    assert web.shrunk(astronaut()).shape == astronaut().shape


def test_why_a_picture_is_no_longer_there_is_said_whole():
    with pytest.raises(web.gr.Error, match="no longer kept; upload it again"):
        web.told(web.require)(None)


def test_what_is_old_is_deleted_and_what_is_new_kept(tmp_path, monkeypatch):
    old, new = tmp_path / "deep" / "old.jpg", tmp_path / "new.jpg"
    for path in (old, new):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"a face")
    empty = tmp_path / "empty"
    empty.mkdir()
    for path in (old, empty):
        os.utime(path, (0, time.time() - web.KEPT - 1))
    monkeypatch.setattr(web, "SWEPT", 0.01)
    ended = threading.Event()
    sweeper = threading.Thread(target=web.sweep, args=(tmp_path, ended))
    sweeper.start()
    until = time.monotonic() + 5
    while empty.exists() and time.monotonic() < until:
        time.sleep(0.02)
    ended.set()
    sweeper.join()
    assert (old.exists(), empty.exists(), new.exists()) == (False, False, True)


def test_a_port_that_is_taken_is_one_line(address, model):
    command = [sys.executable, "-m", "openfer", "web", "--model", str(model), "--port", address.rsplit(":", 1)[1]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("see --port and --host")
    assert "Traceback" not in done.stderr
