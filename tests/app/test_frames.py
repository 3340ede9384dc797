"""Films are read as they are to be seen, whatever they are: times, turns, shapes of pixels, raw, joined, damaged."""

import itertools
import shutil
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from openfer.app import frames, upright
from openfer.app.frames import Video, VideoError, believed, fitted
from openfer.drawing.palette import COLOURS
from tests.films import moving, write_film
from tests.photos import astronaut

SMALL = [picture[::4, ::4] for picture in moving(14)]
CORNERS = np.zeros((120, 160, 3), np.uint8)
CORNERS[:60, :80], CORNERS[:60, 80:], CORNERS[60:, :80], CORNERS[60:, 80:] = 40, 100, 160, 220


def corners(picture: np.ndarray) -> list[int]:
    """The grey of the corners of a picture, left to right, top to bottom, rounded to those of `CORNERS`."""
    height, width = picture.shape[:2]
    places = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return [40 + 60 * round((int(picture[place][0]) - 40) / 60) for place in places]


def test_every_frame_keeps_its_own_time(tmp_path):
    stamps = [n / 30 for n in range(6)] + [0.2 + n / 15 for n in range(8)]
    path = write_film(tmp_path / "film.mp4", SMALL, 30, stamps=stamps)
    found = [seconds for _, seconds, _ in Video(path)]
    assert found == pytest.approx(stamps, abs=1e-4)


def test_times_count_from_the_start_of_the_file(tmp_path):
    path = write_film(tmp_path / "film.mkv", SMALL, 10, stamps=[100 + n / 10 for n in range(14)])
    assert [seconds for _, seconds, _ in Video(path)] == pytest.approx([n / 10 for n in range(14)], abs=2e-3)


@pytest.mark.parametrize(
    ("name", "kind", "codec", "pixels", "rate", "size"),
    [
        ("film.h264", "h264", "libx264", "yuv420p", 30, None),
        ("h264.data", "h264", "libx264", "yuv420p", 30, None),
        ("film.hevc", "hevc", "libx265", "yuv420p", 15, None),
        ("film.y4m", "yuv4mpegpipe", "rawvideo", "yuv420p", 15, None),
        ("film.mjpeg", "mjpeg", "mjpeg", "yuvj420p", 25, None),
        ("mjpeg", "mjpeg", "mjpeg", "yuvj420p", 25, None),
        ("film.dv", "dv", "dvvideo", "yuv420p", 25, (720, 576)),
        ("film.avi", "avi", "mpeg4", "yuv420p", 12, None),
        ("film.webm", "webm", "libvpx", "yuv420p", 12, None),
        ("film.gif", "gif", "gif", "rgb8", 10, None),
    ],
)
def test_raw_streams_and_every_usual_kind_are_read_by_their_content(tmp_path, name, kind, codec, pixels, rate, size):
    path = write_film(tmp_path / name, SMALL, rate, kind=kind, codec=codec, pixels=pixels, size=size)
    video = Video(path)
    found = [seconds for _, seconds, _ in video]
    assert found == pytest.approx([n / rate for n in range(14)], abs=2e-3)
    assert (video.rate, video.fault) == (pytest.approx(rate, abs=0.2), "")


def test_pixels_that_are_no_squares_become_squares(tmp_path):
    path = write_film(tmp_path / "wide.mp4", [CORNERS], ratio=Fraction(64, 45), size=(720, 576))
    assert Video(path).size == (1024, 576)
    path = write_film(tmp_path / "tall.mp4", [CORNERS], ratio=Fraction(1, 2), size=(160, 120))
    assert Video(path).size == (160, 240)
    path = write_film(tmp_path / "absurd.mp4", [CORNERS], ratio=Fraction(1, 1000))
    assert Video(path).size == (160, 120)


def test_an_anamorphic_film_looks_like_the_one_in_square_pixels(tmp_path):
    path = write_film(tmp_path / "wide.mkv", [astronaut()], ratio=Fraction(4, 3), size=(480, 480))
    ((_, _, picture),) = Video(path)
    assert picture.shape == (480, 640, 3)
    assert np.abs(picture.astype(int) - astronaut()).mean() < 6


@pytest.mark.parametrize(
    ("turned", "size", "seen"),
    [
        (90, (120, 160), [100, 220, 40, 160]),
        (180, (160, 120), [220, 160, 100, 40]),
        (-90, (120, 160), [160, 40, 220, 100]),
    ],
)
def test_films_of_phones_are_upright(tmp_path, turned, size, seen):
    path = write_film(tmp_path / "film.mp4", [CORNERS], turned=turned)
    video = Video(path)
    ((_, _, picture),) = video
    assert (video.size, corners(picture)) == (size, seen)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ([-1, 0, 0, 0, 1], (False, True, False)),  # a mirror
        ([1, 0, 0, 0, -1], (False, False, True)),
        ([0, 1, 0, 1, 0], (True, False, False)),
        ([0, -1, 0, -1, 0], (True, True, True)),
    ],
)
def test_mirrored_films_are_mirrored_back(matrix, expected):
    class Matrix:
        type = SimpleNamespace(name="DISPLAYMATRIX")

        def __bytes__(self) -> bytes:
            return np.array([65536 * value for value in matrix] + [0, 0, 0, 1 << 30], np.int32).tobytes()

    assert upright.turns(SimpleNamespace(side_data=[Matrix()])) == expected


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux")
def test_memory_stays_flat_over_a_film(tmp_path):
    def pages() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1])

    path = write_film(tmp_path / "film.mp4", [np.full((720, 1280, 3), 9, np.uint8)] * 150)
    used = [pages() for number, *_ in Video(path) if number % 50 == 49]
    assert (used[2] - used[1]) * 4096 < 20e6  # where frames are kept, 69 or 207 MB


@pytest.mark.parametrize("height", [480, 720])
def test_colours_come_back_as_they_were(tmp_path, height):
    stripes = np.repeat(np.array(list(COLOURS.values()), np.uint8), 64, axis=0)[np.newaxis].repeat(height, axis=0)
    writer = frames.Writer(tmp_path / "film.mp4", 10, stripes.shape[1::-1])
    writer.write(stripes)
    writer.close()
    ((_, _, picture),) = Video(tmp_path / "film.mp4")
    np.testing.assert_allclose(picture[height // 2, 32::64], stripes[0, 32::64], atol=4)


def test_times_of_films_that_were_joined_go_on(tmp_path):
    one = write_film(tmp_path / "one.ts", SMALL, 10, kind="mpegts").read_bytes()
    (tmp_path / "joined.ts").write_bytes(3 * one)
    found = [seconds for _, seconds, _ in Video(tmp_path / "joined.ts")]
    assert found == pytest.approx([n / 10 for n in range(42)], abs=1e-3)


@pytest.mark.parametrize("codec", ["libvpx", "libx264"])  # the second writes frames in another order
def test_a_time_stamp_days_ahead_is_an_error_of_the_file(tmp_path, codec):
    stamps = [0, 0.1, 0.2, 1e6, 1e6 + 0.1]
    path = write_film(tmp_path / "film.mkv", SMALL[:5], 10, stamps=stamps, codec=codec)
    assert max(seconds for _, seconds, _ in Video(path)) < 1


def test_where_a_film_changes_its_size_all_frames_get_that_of_the_first(tmp_path):
    one = write_film(tmp_path / "one.ts", SMALL, 10, kind="mpegts").read_bytes()
    two = write_film(tmp_path / "two.ts", SMALL, 10, kind="mpegts", size=(320, 240)).read_bytes()
    (tmp_path / "joined.ts").write_bytes(one + two)
    shapes = [picture.shape for *_, picture in Video(tmp_path / "joined.ts")]
    assert shapes == 28 * [(120, 160, 3)]


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts", "avi"])
def test_a_film_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path, kind):
    noise = np.random.default_rng(0)
    pictures = [noise.integers(0, 256, (120, 160, 3), np.uint8) for _ in range(60)]  # all take as many bytes
    path = write_film(tmp_path / f"film.{kind}", pictures, 10, codec="mpeg4")
    content = path.read_bytes()
    if kind == "mp4":  # with its table of frames first, as browsers save films
        writer = frames.Writer(path, 10, (160, 120))
        for picture in pictures:
            writer.write(picture)
        writer.close()
        content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    video = Video(path)
    assert 5 < sum(1 for _ in video) < 50
    assert "cut off" in video.fault or kind in ("mkv", "ts")  # which do not say how many frames they have


def test_an_mp4_without_its_table_says_what_is_missing(tmp_path):
    path = write_film(tmp_path / "film.mp4", SMALL)
    path.write_bytes(path.read_bytes()[:-1500])
    with pytest.raises(VideoError, match="cut off before its table of frames"):
        Video(path)


def test_a_damaged_film_is_read_where_it_can_be(tmp_path, capfd):
    path = write_film(tmp_path / "film.ts", moving(60), 10, kind="mpegts")
    content = bytearray(path.read_bytes())
    noise = np.random.default_rng(0)
    for start in noise.integers(20_000, len(content) - 200, 40):
        content[start : start + 100] = noise.bytes(100)
    path.write_bytes(content)
    found = [(seconds, picture.shape) for _, seconds, picture in Video(path)]
    assert len(found) > 20
    assert all(late >= early for (early, _), (late, _) in itertools.pairwise(found))
    assert capfd.readouterr() == ("", "")


def test_frames_that_fill_the_memory_are_refused(tmp_path, monkeypatch):
    path = write_film(tmp_path / "huge.mkv", SMALL)
    monkeypatch.setattr(upright, "MOST_PIXELS", 160 * 120 - 1)
    with pytest.raises(VideoError, match=r"huge\.mkv: frames of 160 × 120 pixels"):
        Video(path)


def test_frames_that_grow_in_the_film_do_not_fill_the_memory(tmp_path, monkeypatch):
    one = write_film(tmp_path / "one.ts", SMALL, 10, kind="mpegts").read_bytes()
    two = write_film(tmp_path / "two.ts", SMALL, 10, kind="mpegts", size=(320, 240)).read_bytes()
    (tmp_path / "joined.ts").write_bytes(one + two)
    monkeypatch.setattr(upright, "MOST_PIXELS", 200 * 200)
    video = Video(tmp_path / "joined.ts")
    assert sum(1 for _ in video) <= 14
    assert "damaged" in video.fault


@pytest.mark.parametrize("rate", [(0.5, 0.5), (29.97, 29.97), (0, 25), (None, 25), (-1, 25), (1000, 60), (90000, 60)])
def test_a_rate_that_cannot_be_is_not_believed(rate):
    assert believed(rate[0]) == rate[1]


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list.txt"])
@pytest.mark.parametrize("kind", ["hls", "concat", "sdp", "dash"])
def test_a_playlist_opens_no_other_file(tmp_path, kind, name):
    film = write_film(tmp_path / "film.ts", SMALL, kind="mpegts")
    lists = {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.4,\n{film}\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile {film.name}\n",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 33\n",
        "dash": f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{film}</BaseURL></MPD>',
    }
    (tmp_path / name).write_text(lists[kind], encoding="utf-8")
    with pytest.raises(VideoError, match="not a video"):
        Video(tmp_path / name)


def test_a_colon_in_a_name_is_no_protocol(tmp_path, monkeypatch):
    film = write_film(tmp_path / "film.mp4", SMALL)
    shutil.copy(film, tmp_path / "12:30.mp4")
    monkeypatch.chdir(tmp_path)
    assert sum(1 for _ in Video(Path("12:30.mp4"))) == 14
    writer = frames.Writer(Path("at 12:31.mp4"), 10, (160, 120))
    writer.write(SMALL[0])
    writer.close()
    assert sum(1 for _ in Video(Path("at 12:31.mp4"))) == 1


def test_a_name_that_is_no_text_is_read_or_refused_in_one_line(tmp_path):
    film = write_film(tmp_path / "film.mp4", SMALL)
    odd = tmp_path / "film\udcff.mp4"
    shutil.copy(film, odd)
    try:
        assert sum(1 for _ in Video(odd)) == 14
    except VideoError as error:
        assert "rename it" in str(error)


def test_a_song_with_a_cover_is_no_film(tmp_path):
    path = write_film(tmp_path / "film.mkv", SMALL, sound=(0, 1))
    import av

    with av.open(str(path)) as source, av.open(str(tmp_path / "song.mka"), "w", format="matroska") as target:
        track = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = track
                target.mux(packet)
    with pytest.raises(VideoError, match="no pictures in it"):
        Video(tmp_path / "song.mka")


def test_a_picture_of_the_right_size_is_not_copied():
    assert fitted(CORNERS, (160, 120)) is CORNERS
    assert fitted(CORNERS, (80, 60)).shape == (60, 80, 3)
