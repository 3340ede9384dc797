"""Marked films: each frame at its own time, the sound in step, whole or not there, played by browsers."""

import base64
import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from openfer.app.frames import Video, VideoError, Writer
from openfer.files import HERE, WriteError, temporary_of
from tests.films import loudness, moving, write_film

WALL = np.full((120, 160, 3), 96, np.uint8)
CHROMIUM = shutil.which("chromium")
PLAY = """async () => {
    const film = document.querySelector('video');
    const shown = [];
    await new Promise(resolve => {
        const note = (_, facts) => {
            shown.push(facts.mediaTime);
            film.requestVideoFrameCallback(note);
        };
        film.requestVideoFrameCallback(note);
        film.onended = film.onerror = resolve;
        film.play().catch(resolve);
    });
    return [film.error && film.error.message, film.videoWidth, film.videoHeight, film.currentTime, shown.length,
            film.webkitAudioDecodedByteCount];
}"""


def copied(path: Path, target: Path) -> list[float]:
    """Write a film anew with its sound; return when its frames are."""
    video = Video(path)
    writer, times = Writer(target, video.rate, video.size, sound=path), []
    for _, seconds, picture in video:
        writer.write(picture, seconds)
        times.append(seconds)
    writer.close()
    return times


def test_every_frame_keeps_its_own_time(tmp_path):
    stamps = (0.0, 0.1, 0.11, 2.1, 7200.0, 7200.033)
    writer = Writer(tmp_path / "film.mp4", 10, (160, 120))
    for seconds in stamps:
        writer.write(WALL, seconds)
    writer.close()
    with av.open(str(tmp_path / "film.mp4")) as film:
        assert [frame.time for frame in film.decode(video=0)] == pytest.approx(stamps, abs=1e-4)
        assert film.duration / av.time_base == pytest.approx(7200.133, abs=0.01)


def test_frames_at_the_same_time_are_all_kept_in_their_order(tmp_path):
    writer = Writer(tmp_path / "film.mp4", 10, (160, 120))
    for grey, seconds in ((20, 5.0), (90, 0.1), (160, 0.1), (230, 0.2)):
        writer.write(np.full_like(WALL, grey), seconds)
    writer.close()
    greys = [picture.mean() for *_, picture in Video(tmp_path / "film.mp4")]
    assert greys == pytest.approx([20, 90, 160, 230], abs=2)


def test_without_times_frames_follow_at_the_rate(tmp_path):
    writer = Writer(tmp_path / "film.mp4", Fraction(30_000, 1001), (160, 120))
    for _ in range(30):
        writer.write(WALL)
    writer.close()
    times = [seconds for _, seconds, _ in Video(tmp_path / "film.mp4")]
    assert times == pytest.approx([n * 1001 / 30_000 for n in range(30)], abs=1e-4)


@pytest.mark.parametrize("size", [(161, 121), (1, 1), (640, 3)])
def test_any_size_is_written_and_frames_of_another_are_changed_to_it(tmp_path, size):
    writer = Writer(tmp_path / "film.mp4", 10, size)
    writer.write(np.full((size[1], size[0], 3), 96, np.uint8))
    writer.write(WALL)
    writer.close()
    video = Video(tmp_path / "film.mp4")
    assert video.size == tuple(length + length % 2 for length in size)
    assert [picture.mean() for *_, picture in video] == pytest.approx([96, 96], abs=3)


@pytest.mark.parametrize("codec", ["aac", "flac", "mp2", "pcm_s16le"])
def test_sound_is_in_step_whatever_its_codec(tmp_path, codec):
    film = write_film(tmp_path / "film.mkv", moving(30), 10, sound=(1, 2), sound_codec=codec)
    copied(film, tmp_path / "marked.mp4")
    loud = loudness(tmp_path / "marked.mp4")
    assert list(np.flatnonzero(loud[:30] > 0.2)) == list(range(10, 20))


def test_in_a_film_whose_rate_falls_the_picture_stays_with_its_sound(tmp_path):
    stamps = [n / 30 for n in range(60)] + [2 + n / 15 for n in range(30)]
    film = write_film(tmp_path / "phone.mp4", moving(90), 30, stamps=stamps, sound=(0, 4))
    assert copied(film, tmp_path / "marked.mp4") == pytest.approx(stamps, abs=1e-3)
    assert [seconds for _, seconds, _ in Video(tmp_path / "marked.mp4")] == pytest.approx(stamps, abs=1e-3)
    assert len(loudness(tmp_path / "marked.mp4")) == pytest.approx(40, abs=1)


@pytest.mark.parametrize("last", [0.5, 5.0], ids=["sound ends first", "film ends first"])
def test_sound_ends_with_the_film(tmp_path, last):
    film = write_film(tmp_path / "film.mkv", moving(14), 10, sound=(0, last), sound_codec="flac")
    copied(film, tmp_path / "marked.mp4")
    assert len(loudness(tmp_path / "marked.mp4")) == pytest.approx(10 * min(last, 1.4), abs=1)
    assert sum(1 for _ in Video(tmp_path / "marked.mp4")) == 14


def test_the_sound_of_joined_films_starts_with_each_picture(tmp_path):
    one = write_film(tmp_path / "one.ts", moving(20), 10, sound=(0, 1), sound_codec="mp2", kind="mpegts").read_bytes()
    (tmp_path / "joined.ts").write_bytes(3 * one)
    assert copied(tmp_path / "joined.ts", tmp_path / "marked.mp4")[-1] == pytest.approx(5.9, abs=0.05)
    loud = loudness(tmp_path / "marked.mp4")
    assert np.abs(np.flatnonzero(np.diff((loud > 0.2).astype(int)) > 0) - [19, 39]).max() <= 1


def test_sound_that_cannot_be_read_is_told_and_the_film_is_whole(tmp_path, caplog):
    film = write_film(tmp_path / "film.avi", moving(14), 10, sound=(0, 1), sound_codec="mp2")
    content = bytearray(film.read_bytes())
    at, end = 0, content.index(b"idx1")  # the index, which names the pieces again
    while 0 <= (at := content.find(b"00wb", at + 4)) < end:
        content[at + 8 : at + 12] = bytes(4)  # how a piece of sound begins
    film.write_bytes(content)
    copied(film, tmp_path / "marked.mp4")
    assert sum(1 for _ in Video(tmp_path / "marked.mp4")) == 14
    assert "its sound cannot be read" in caplog.text


def test_without_a_frame_there_is_no_file(tmp_path):
    Writer(tmp_path / "film.mp4", 10, (160, 120)).close()
    assert list(tmp_path.iterdir()) == []


def test_before_it_is_closed_there_is_no_film_and_what_a_killed_process_left_goes(tmp_path):
    (tmp_path / f".999999999@{HERE}.part.film.mp4").touch()
    writer = Writer(tmp_path / "film.mp4", 10, (160, 120))
    writer.write(WALL)
    assert [path.name for path in tmp_path.iterdir()] == [temporary_of(tmp_path / "film.mp4").name]
    writer.close()
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_a_film_whose_folder_is_removed_meanwhile_names_the_true_reason(tmp_path):
    writer = Writer(tmp_path / "out" / "film.mp4", 10, (160, 120))
    writer.write(WALL)
    shutil.rmtree(tmp_path / "out")
    with pytest.raises(VideoError, match="the folder of the results was removed meanwhile"):
        writer.close()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    resource = pytest.importorskip("resource")
    noise = np.random.default_rng(0)
    writer = Writer(tmp_path / "film.mp4", 10, (320, 240))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(VideoError, match=r"film\.mp4: the film cannot be written: File too large$"):
            for _ in range(60):
                writer.write(noise.integers(0, 256, (240, 320, 3), np.uint8))
            writer.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with pytest.raises(VideoError):
        writer.close()
    assert list(tmp_path.iterdir()) == []


def test_a_place_where_nothing_can_be_written_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match=r"^/.*film\.mp4 cannot be written: "):
        Writer(tmp_path / "file" / "film.mp4", 10, (160, 120))


@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
def test_chromium_plays_picture_and_sound(tmp_path):
    playwright = pytest.importorskip("playwright.sync_api")
    film = write_film(tmp_path / "film.mkv", moving(30), 30, ratio=Fraction(4, 3), sound=(0, 1), sound_codec="flac")
    copied(film, tmp_path / "marked.mp4")
    content = base64.b64encode((tmp_path / "marked.mp4").read_bytes()).decode()
    flags = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
    with playwright.sync_playwright() as play, play.chromium.launch(executable_path=CHROMIUM, args=flags) as browser:
        page = browser.new_page()
        page.set_default_timeout(30_000)
        page.set_content(f'<video src="data:video/mp4;base64,{content}"></video>')
        error, width, height, ended, frames, sound = page.evaluate(PLAY)
    assert error is None
    assert (width, height, ended) == (854, 480, pytest.approx(1.0, abs=0.1))
    assert frames > 5
    assert sound > 1000


def test_the_table_of_frames_comes_first_so_that_a_browser_plays_while_it_loads(tmp_path):
    copied(write_film(tmp_path / "film.mkv", moving(10), sound=(0, 1)), tmp_path / "marked.mp4")
    content = (tmp_path / "marked.mp4").read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")
