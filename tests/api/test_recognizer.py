"""One call: pictures of every kind in, the same faces out; what would be misread is refused; threads and processes."""

import csv
import io
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest
from PIL import Image

import openfer
from openfer.api.inputs import InputError
from openfer.api.recognizer import Recognizer
from openfer.api.results import Result, Results, Stream
from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.export.model_folder import ModelError
from openfer.faces.pictures import PictureError
from tests.imports import ROOT
from tests.photos import astronaut, grace_hopper

HAPPY = pytest.approx(1, abs=0.02)
"""What the shipped model says of the astronaut."""


@pytest.fixture(scope="module")
def recognize():
    return Recognizer()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two photographs, one of them in a folder below."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "below").mkdir()
    Image.fromarray(astronaut()).save(folder / "astronaut.png")
    Image.fromarray(grace_hopper()).save(folder / "below" / "hopper.jpg", quality=95)
    return folder


def happy(result) -> float:
    (face,) = result.faces
    return face.scores["happy"]


def test_the_package_offers_the_recognizer_and_names_it():
    assert openfer.Recognizer is Recognizer
    assert "Recognizer" in dir(openfer)
    with pytest.raises(AttributeError, match="has no attribute 'Recogniser'"):
        _ = openfer.Recogniser


def test_a_photograph_has_a_face_with_all_that_is_known_of_it(recognize, folder):
    result = recognize(folder / "astronaut.png")
    (face,) = result.faces
    assert (face.emotion, face.unsure, face.label_set) == ("happy", False, "crowd")
    assert tuple(face.scores) == EMOTIONS
    assert sum(face.scores.values()) == pytest.approx(1)
    left, top, width, height = face.box
    assert left < 290 < left + width
    assert top < 110 < top + height
    assert 0.5 < face.confidence <= 1
    (left_eye, y), (right_eye, _) = face.eyes
    assert left < left_eye < right_eye < left + width
    assert top < y < top + height
    assert result.file == str(folder / "astronaut.png")


def encoded() -> bytes:
    content = io.BytesIO()
    Image.fromarray(astronaut()).save(content, "PNG")
    return content.getvalue()


ALPHA = np.full((480, 640, 1), 255, np.uint8)
KINDS = {
    "text": lambda folder: str(folder / "astronaut.png"),
    "path": lambda folder: folder / "astronaut.png",
    "bytes": lambda folder: encoded(),
    "bytearray": lambda folder: bytearray(encoded()),
    "file object": lambda folder: io.BytesIO(encoded()),
    "PIL image": lambda folder: Image.fromarray(astronaut()),
    "PIL image of a file": lambda folder: Image.open(folder / "astronaut.png"),
    "PIL image with opacity": lambda folder: Image.fromarray(astronaut()).convert("RGBA"),
    "array": lambda folder: astronaut(),
    "array with opacity": lambda folder: np.concatenate([astronaut(), ALPHA], axis=2),
    "grey array": lambda folder: cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY),
    "grey array with a channel": lambda folder: cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)[..., np.newaxis],
    "read-only view": lambda folder: np.broadcast_to(astronaut()[None], (1, 480, 640, 3))[0],
}


@pytest.mark.parametrize("kind", KINDS)
def test_one_picture_of_every_kind_is_one_result(recognize, folder, kind):
    result = recognize(KINDS[kind](folder))
    assert isinstance(result, Result)
    assert happy(result) == HAPPY
    assert result.size == (640, 480)


def test_channels_in_the_order_of_opencv_are_taken_where_it_is_told_once_or_for_all(recognize):
    blue = np.zeros_like(astronaut())
    blue[..., 2] = 255  # in RGB
    assert np.asarray(recognize(blue[..., ::-1], order="bgr").plot())[5, 5].tolist() == [0, 0, 255]
    assert np.asarray(Recognizer(order="bgr")(blue[..., ::-1]).plot())[5, 5].tolist() == [0, 0, 255]
    assert happy(recognize(astronaut()[..., ::-1], order="bgr")) == HAPPY


@pytest.mark.parametrize("kind", ["folder", "pattern", "list", "tuple", "batch"])
def test_several_pictures_are_a_list_of_results_in_their_order(recognize, folder, kind):
    many = {
        "folder": str(folder),
        "pattern": f"{folder}/**/*.[pj]*g",
        "list": [folder / "astronaut.png", Image.fromarray(grace_hopper())],
        "tuple": (astronaut(), grace_hopper()),
        "batch": np.stack([astronaut(), astronaut()[:, ::-1]]),
    }
    results = recognize(many[kind])
    assert isinstance(results, Results)
    assert len(results) == 2
    assert happy(results[0]) == HAPPY
    assert (results[1].faces[0].emotion == "happy") == (kind == "batch")


def test_the_same_picture_gives_the_same_alone_and_among_others(recognize):
    alone = recognize(astronaut()).faces[0].scores
    together = recognize([grace_hopper(), astronaut()])[1].faces[0].scores
    assert together == pytest.approx(alone, abs=1e-5)


def test_a_generator_is_asked_for_a_picture_only_when_its_result_is(recognize):
    taken = []

    def camera():
        for number in range(1000):
            taken.append(number)
            yield astronaut()

    results = recognize(camera())
    assert isinstance(results, Stream)
    assert taken == []
    assert happy(next(results)) == HAPPY
    assert taken == [0]
    next(results)
    assert taken == [0, 1]


def test_an_empty_list_and_an_empty_generator_are_no_error(recognize):
    assert recognize([]) == []
    assert list(recognize(iter(()))) == []


def test_a_picture_without_a_face_has_none(recognize):
    assert len(recognize(np.zeros((100, 100, 3), np.uint8)).faces) == 0


def test_faces_come_from_left_to_right(recognize):
    pair = np.hstack([astronaut(), cv2.resize(astronaut(), (1280, 960))[:480]])
    lefts = [face.box[0] for face in recognize(np.hstack([pair, astronaut()])).faces]
    assert len(lefts) >= 2
    assert lefts == sorted(lefts)


def test_crops_are_taken_as_they_are(recognize):
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), np.uint8)
    results = recognize(faces, crop=True)
    assert [len(result.faces) for result in results] == [1, 1, 1]
    expected = recognize._predictor.model.predict(faces[..., 0])
    np.testing.assert_allclose([list(result.faces[0].scores.values()) for result in results], expected, atol=1e-6)
    assert Recognizer(crop=True)(faces[0]).faces[0].scores == pytest.approx(results[0].faces[0].scores, abs=1e-5)


MISREAD = {
    "floats": (np.zeros((48, 48, 3), np.float32), r"floats may mean 0–1 or 0–255: pass uint8, as \(255 \* array\)"),
    "floats in a batch": (np.zeros((2, 48, 48, 3)), "floats may mean"),
    "whole numbers": (np.zeros((48, 48, 3), np.int64), r"array\.astype\('uint8'\) where its values are 0–255"),
    "truth values": (np.zeros((48, 48), bool), "must be uint8"),
    "objects": (np.array([[None]]), "must be uint8"),
    "channels first": (np.zeros((3, 480, 640), np.uint8), r"array\.transpose\(1, 2, 0\) where they come first"),
    "channels first in a batch": (np.zeros((5, 3, 48, 48), np.uint8), r"array\.transpose\(0, 2, 3, 1\)"),
    "a batch of grey pictures": (np.zeros((9, 48, 48), np.uint8), r"array\[\.\.\., None\] for a batch"),
    "two channels": (np.zeros((48, 48, 2), np.uint8), "channels come last"),
    "one dimension": (np.zeros(48, np.uint8), r"must be \(height, width\)"),
    "five dimensions": (np.zeros((1, 1, 48, 48, 3), np.uint8), r"must be \(height, width\)"),
    "no dimension": (np.array(7, np.uint8), r"must be \(height, width\)"),
    "no pixel": (np.zeros((0, 48, 3), np.uint8), "and not empty"),
    "no picture in a batch": (np.zeros((0, 48, 48, 3), np.uint8), "and not empty"),
    "nothing": (None, "cv2.imread"),
    "a number": (7, "pass a path, folder, pattern, .* Received: int 7"),
    "a number of NumPy": (np.uint8(7), "pass a NumPy array"),
    "a mapping": ({"image": "photo.jpg"}, "Received: dict"),
    "nested lists": ([[[0, 0], [0, 0]]], 'picture 1 is a list: .*"uint8"'),
    "a list of numbers": ([0, 1], "picture 1: pass a path"),
    "a text file": (io.StringIO("text"), r"open as text: open\(…, \"rb\"\)"),
}


@pytest.mark.parametrize("what", MISREAD)
def test_what_would_be_misread_is_refused_in_one_line_that_says_what_to_pass(recognize, what):
    source, message = MISREAD[what]
    with pytest.raises(InputError, match=message) as refused:
        recognize(source)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("what", ["floats", "channels first", "nothing", "a number"])
def test_what_would_be_misread_is_refused_in_a_list_and_in_a_generator(recognize, what):
    source, message = MISREAD[what]
    with pytest.raises(InputError, match=message):
        recognize([astronaut(), source])
    with pytest.raises(InputError, match=message):
        list(recognize(one for one in (astronaut(), source)))


def test_a_tensor_is_refused_with_what_to_pass(recognize):
    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return np.zeros((3, 8, 8))

        def __iter__(self):
            return iter([self])

    with pytest.raises(InputError, match=r"numpy\.asarray\(…, \"uint8\"\)\. Received: Tensor"):
        recognize(Tensor())


def test_files_that_are_not_there_and_folders_without_pictures_are_refused_with_their_name(recognize, tmp_path):
    with pytest.raises(PictureError, match=r"missing\.jpg: No such file"):
        recognize("missing.jpg")
    with pytest.raises(InputError, match=r"none\*\.jpg: no file has such a name"):
        recognize(str(tmp_path / "none*.jpg"))
    with pytest.raises(InputError, match="the folder holds no picture"):
        recognize(tmp_path)
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.warns(UserWarning), pytest.raises(InputError, match=r"notes\.txt: not a picture in a known format"):
        recognize(tmp_path)
    with pytest.raises(InputError, match=r"100,000 characters is no path: pass bytes, as base64\.b64decode"):
        recognize("A" * 100_000)
    with pytest.raises(InputError, match="is no path"):
        recognize("photo\0.jpg")


def test_in_a_folder_results_of_the_program_are_no_pictures_and_what_is_not_opened_is_told(recognize, folder, tmp_path):
    shutil.copy(folder / "astronaut.png", tmp_path / "a.png")
    (tmp_path / "expressions").mkdir()
    for name in ("expressions/a.png.faces.jpg", "expressions/faces.jsonl", ".hidden.png", "Thumbs.db"):
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to(folder)
    with pytest.warns(UserWarning, match="link: a link to a folder"):
        (result,) = recognize(tmp_path)
    assert result.file == str(tmp_path / "a.png")


def test_a_damaged_picture_among_others_is_an_error_of_its_own_with_a_warning(recognize, folder, tmp_path):
    (tmp_path / "cut.png").write_bytes(encoded()[:2000])
    sources = [folder / "astronaut.png", tmp_path / "cut.png", tmp_path / "missing.png", astronaut()]
    with pytest.warns(UserWarning, match=r"cut\.png") as warned:
        results = recognize(sources)
    assert len(warned) == 2
    assert [bool(result.error) for result in results] == [False, True, True, False]
    assert results[1].to_dict() == {"file": str(tmp_path / "cut.png"), "error": results[1].error}
    with pytest.raises(Refused, match=r"cut\.png"):
        results[1].plot()
    with pytest.warns(UserWarning, match="No such file|cut"):
        found = list(recognize(iter(sources)))
    assert [bool(result.error) for result in found] == [False, True, True, False]


def test_a_picture_that_is_read_reduced_has_its_faces_in_pixels_of_the_file(recognize, tmp_path, monkeypatch):
    path = tmp_path / "large.jpg"
    Image.fromarray(cv2.resize(astronaut(), (1280, 960))).save(path, quality=95)
    expected = recognize(path)
    monkeypatch.setattr("openfer.faces.pictures.MOST_PIXELS", 640 * 480)
    found = recognize(path)
    assert found.size == expected.size == (1280, 960)
    np.testing.assert_allclose(found.faces[0].box, expected.faces[0].box, atol=12)
    assert found.plot().size == (640, 480)


def test_an_address_is_loaded_only_where_that_is_allowed(recognize, folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/astronaut.png"
    try:
        with pytest.raises(Refused, match="urls=True"):
            recognize(address)
        result = recognize(address, urls=True)
        assert happy(Recognizer(urls=True)(address)) == happy(result) == HAPPY
        with pytest.raises(PictureError, match="cannot be loaded"):
            recognize(address + "x", urls=True)
    finally:
        server.shutdown()
        server.server_close()
    assert result.plot().size == (640, 480)  # without another look
    for other in ("file:///etc/passwd", "ftp://127.0.0.1/a.png", "data:image/png;base64,iVBO"):
        with pytest.raises(Refused, match=r"must begin with http|base64"):
            recognize(other, urls=True)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Write nothing to the terminal."""


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"detector": "hog"}, "detector must be one of yunet, haar. Received: 'hog'"),
        ({"smallest": 0}, "smallest must be a whole number of pixels, 12 or more"),
        ({"smallest": 2.5}, "smallest must be a whole number of pixels, 12 or more"),
        ({"prior": 2}, "prior must be a number from 0 to 1"),
        ({"order": "rgba"}, 'order must be "rgb" or "bgr"'),
    ],
)
def test_a_wrong_argument_is_refused_in_one_line(wrong, message):
    with pytest.raises(Refused, match=message):
        Recognizer(**wrong)


def test_all_finds_are_reported_where_they_are_asked_for_in_other_processes_too():
    make, arguments = Recognizer(all_faces=True).__reduce__()
    assert make(*arguments)._made[1].all_faces
    assert not Recognizer()._made[1].all_faces


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"model\.json"):
        Recognizer(tmp_path)


def test_the_prior_is_that_of_the_recognizer():
    plain, even = (Recognizer(prior=prior)(astronaut()).faces[0].scores for prior in (None, 0.0))
    assert plain["happy"] > even["happy"]


def test_threads_share_a_recognizer(recognize):
    pictures = [astronaut(), grace_hopper(), astronaut()[:, ::-1]] * 4
    expected = [recognize(picture).to_dict() for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda picture: recognize(picture).to_dict(), pictures)) == expected


FORKS = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
"""Python 3.12 warns of any fork beside threads."""


def ended(child: int, seconds: float = 60) -> int:
    """Return the exit code of a child; -9 where it had to be killed."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        process, status = os.waitpid(child, os.WNOHANG)
        if process:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGKILL


def recognized(recognize, path) -> dict:
    return recognize(path).to_dict()


@FORKS
@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_a_recognizer_works_in_processes_that_are_made_after_it(recognize, folder, way):
    """The networks were used before, so that their threads are there, which a fork leaves behind."""
    path = folder / "astronaut.png"
    expected = recognize(path).to_dict()
    with multiprocessing.get_context(way).Pool(2) as pool:
        found = pool.map_async(partial(recognized, recognize), [path, path]).get(timeout=60)
    assert found == [expected, expected]


@FORKS
def test_a_child_of_a_fork_uses_the_object_that_it_inherits_and_ends(recognize):
    expected = recognize(astronaut()).to_dict()
    child = os.fork()
    if not child:
        try:
            assert recognize(astronaut()).to_dict() == expected
            assert recognize(np.tile(astronaut(), (4, 4, 1))[:1800]).size == (2560, 1800)
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert ended(child) == 0


PROGRAM = """
import os, sys
from openfer import Recognizer
from tests.photos import astronaut
recognize = Recognizer()
recognize(astronaut())
child = os.fork()
emotion = recognize(astronaut()).faces[0].emotion
sys.exit(emotion != "happy" or (child and os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
"""


def test_a_program_that_forks_ends_as_python_ends_programs():
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, timeout=60, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_result_travels_between_processes_and_draws_there(recognize, folder):
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        (result,) = pool.map(recognize, [folder / "astronaut.png"])
    assert happy(result) == HAPPY
    assert result.plot().size == (640, 480)


def test_the_table_of_a_stream_is_written_as_it_comes(recognize, folder, tmp_path):
    with pytest.warns(UserWarning):
        table = recognize(iter([folder / "astronaut.png", tmp_path / "missing.png"])).to_csv(tmp_path / "faces.csv")
    rows = list(csv.DictReader(table.open(encoding="utf-8", newline="")))
    assert [row["emotion"] for row in rows] == ["happy", ""]
    assert "No such file" in rows[1]["error"]
