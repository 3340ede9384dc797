"""Sections of films: their frames are those of the film, or it is not cut."""

import pytest

from openfer.app.frames import Video
from openfer.app.sections import Looks, checksum, sections
from tests.films import moving, write_film

KEYS = {"g": "10", "keyint_min": "10", "sc_threshold": "0", "bf": "2"}
"""A key frame each ten frames; frames between look ahead."""

OPEN = {"x264-params": "open-gop=1:keyint=10:min-keyint=10:scenecut=0:bframes=3"}
"""Frames that are shown before a key frame come after it in the file."""


@pytest.fixture(scope="module")
def pictures():
    return [picture[::4, ::4] for picture in moving(48)]


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.mp4", {"options": KEYS}),
        ("a.mkv", {"options": KEYS}),
        ("a.ts", {"options": KEYS}),
        ("sound.mov", {"options": KEYS, "sound": (0, 5)}),
        ("open.mp4", {"options": OPEN}),
        ("open.ts", {"options": OPEN}),
        ("a.webm", {"codec": "libvpx", "options": {"g": "10"}}),
        ("uneven.mkv", {"options": KEYS, "stamps": [number / 10 + number % 3 / 100 for number in range(48)]}),
    ],
)
def test_each_begins_with_a_key_frame_and_goes_on_as_the_film_does(pictures, name, how, tmp_path):
    film = write_film(tmp_path / name, pictures, **how)
    wanted = [(number, seconds, picture.tobytes()) for number, seconds, picture in Video(film)]
    found = sections(film, 1.7, 0.25)
    assert [(one.number, one.end) for one in found] == [(0, 20), (20, 40), (40, 48)]
    looks, dues = Looks(0.25), {}
    for number, seconds, _ in wanted:
        dues[number] = looks.due
        looks(seconds)
    for one in found:
        assert (one.total, one.due) == (48, dues[one.number])
        video = Video(film)
        if one.number:
            video.go_to(one.stamp, one.number, one.seconds)
        assert [(number, seconds, picture.tobytes()) for number, seconds, picture in video] == wanted[one.number :]
        times = 0
        for _, seconds, _ in wanted[one.number : one.end + 5]:
            times = checksum(seconds, times)
        assert one.times == times


def test_a_film_that_is_short_or_has_no_key_frame_or_no_times_is_not_cut(pictures, tmp_path):
    film = write_film(tmp_path / "a.mp4", pictures, options=KEYS)
    assert len(sections(film, 2, 0)) == 3
    assert sections(film, 4.8, 0) == sections(film, 0, 0) == []
    assert sections(write_film(tmp_path / "b.mp4", pictures), 2, 0) == []
    assert sections(write_film(tmp_path / "c.h264", pictures, options=KEYS), 2, 0) == []


def test_a_film_that_was_joined_is_not_cut(pictures, tmp_path):
    film = write_film(tmp_path / "a.ts", pictures, options=KEYS)
    assert len(sections(film, 2, 0)) == 3
    (tmp_path / "b.ts").write_bytes(film.read_bytes() * 2)
    assert len(list(Video(tmp_path / "b.ts"))) == 96
    assert sections(tmp_path / "b.ts", 2, 0) == []


def test_a_film_that_lacks_frames_is_not_cut(pictures, tmp_path, monkeypatch):
    film = write_film(tmp_path / "a.mp4", pictures, options=KEYS)
    monkeypatch.setattr("openfer.app.sections.WHOLE", 1.1)  # as if it promised more than it has
    assert sections(film, 2, 0) == []
