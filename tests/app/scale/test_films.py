"""Films in sections have the rows that they have as a whole, without Ray."""

import errno
import itertools
from collections import deque
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("ray", reason="needs requirements-ray.txt")
pytest.importorskip("av", reason="needs the extra video")

import av

from openfer.app import frames, records, video
from openfer.app.frames import Video
from openfer.app.scale import films
from openfer.app.scale.cuts import films as read
from openfer.app.scale.places import UnreachableError
from openfer.app.scale.pool import Piece
from openfer.app.scale.tables import table_of
from openfer.app.scale.worker import Job, Reader, model_files
from tests.films import moving, write_film

KEYS = {"g": "10", "keyint_min": "10", "sc_threshold": "0"}
EMPTY = np.full((256, 256, 3), 96, np.uint8)
SEEN = [*range(5, 16), *range(28, 32)]
"""Frames with a face: across the first key frame that is cut at, and for so short on both sides of another one that
it is somebody's only if these belong together."""


class Here:
    """Stands for the pool: does one piece after the other, and notes what."""

    def __init__(self, reader, spoilt=lambda task, found: found):
        self.reader, self.spoilt, self.waiting, self.done = reader, spoilt, deque(), []

    def __call__(self, pieces):
        self.waiting.extend(pieces)
        while self.waiting:
            piece = self.waiting.popleft()
            self.done.append(type(piece.task).__name__)
            yield piece, self.spoilt(piece.task, piece.task(self.reader))

    def next(self, pieces):
        self.waiting.extendleft(reversed(pieces))

    def forget(self, piece):
        self.waiting = deque(one for one in self.waiting if one.part != piece.part)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    pictures = [picture[::2, ::2] if number in SEEN else EMPTY for number, picture in enumerate(moving(40))]
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", pictures, options=KEYS)


@pytest.fixture(scope="module")
def reader(model, film):
    columns = (*video.FRAME, *records.columns(None), "error")
    files = model_files(model)
    how = {"smooth": 0.0, "every": 0.0}
    return Reader(Job("video", columns, files, "yunet", 24, False, None, None, how, 1.0, str(film.parent), ()))


@pytest.fixture
def job(reader, monkeypatch):
    """Changes what the reader does, for a test."""
    return lambda **changes: monkeypatch.setattr(reader, "job", replace(reader.job, **changes))


def rows_of(pool, file="film.mp4"):
    ((_, table),) = read(pool, [Piece(0, 0, [(file, "")])])
    return table.to_pylist()


@pytest.mark.parametrize(
    ("smooth", "every", "most"), [(0.0, 0.0, video.MOST_BYTES), (0.3, 0.0, 2 * EMPTY.nbytes), (0.3, 0.15, EMPTY.nbytes)]
)
def test_a_cut_film_has_the_rows_of_the_film(reader, job, monkeypatch, smooth, every, most):
    """In a large film, too, of which few frames wait until it is known who is a person."""
    monkeypatch.setattr(video, "MOST_BYTES", most)
    how = {"smooth": smooth, "every": every}
    job(how=how, longest=0.0)
    whole, cut = Here(reader), Here(reader)
    wanted = rows_of(whole)
    job(how=how, longest=1.0)
    assert rows_of(cut) == wanted
    assert (whole.done, cut.done) == (["Read"], ["Read", *["Look"] * 4, "Follow"])
    if not smooth:
        assert [row["frame"] for row in wanted if row["person"]] == SEEN
        assert [row["person"] for row in wanted if row["person"]] == [1] * 11 + [2] * 4


def otherwise(**changes):
    """Change what is seen in the second of the sections."""

    def spoilt(task, found):
        second = isinstance(task, films.Look) and task.section.number == 10
        return found._replace(**changes) if second else found

    return spoilt


@pytest.mark.parametrize(
    ("spoilt", "looks"),
    [
        (otherwise(right=False), 2),
        (otherwise(first=1), 4),
        (lambda task, found: table_of([], ()) if isinstance(task, films.Look) else found, 1),
    ],
)
def test_a_film_whose_sections_are_not_what_they_were_to_be_is_read_as_a_whole(reader, job, spoilt, looks):
    job(how={"smooth": 0.0, "every": 0.4})
    pool = Here(reader, spoilt)
    found = rows_of(pool)
    assert pool.done == ["Read", *["Look"] * looks, "Read"]
    job(how={"smooth": 0.0, "every": 0.4}, longest=0.0)
    assert found == rows_of(Here(reader))


def test_a_section_knows_whether_its_frames_are_those_of_the_film(reader, job, film, monkeypatch):
    job(how={"smooth": 0.0, "every": 0.4})
    tasks = [films.Look("film.mp4", one) for one in films.Read("film.mp4")(reader)]
    looked = [task(reader) for task in tasks]
    assert [one.right for one in looked] == [True] * 4
    assert looked[0].first != looked[1].first != looked[2].first != looked[3].first
    later = replace(tasks[1].section, number=11)
    assert not films.Look("film.mp4", later)(reader).right
    go_to = Video.go_to

    def damaged(film, *place):
        go_to(film, *place)
        film.damaged += 1

    monkeypatch.setattr(Video, "go_to", damaged)
    assert not tasks[1](reader).right
    monkeypatch.setattr(Video, "go_to", lambda *_: None)
    assert [task(reader).right for task in tasks] == [True, False, False, False]


def test_a_film_that_is_damaged_has_the_rows_of_the_film(reader, job, film):
    content, middle = film.read_bytes(), film.stat().st_size // 2
    film.with_name("damaged.mp4").write_bytes(content[:middle] + b"\0" * 2000 + content[middle + 2000 :])
    pool = Here(reader)
    found = rows_of(pool, "damaged.mp4")
    job(longest=0.0)
    assert found == rows_of(Here(reader), "damaged.mp4")
    assert pool.done[-1] == "Read"
    assert found[-1]["error"]


STALE = errno.ESTALE, "Stale file handle"


@pytest.mark.parametrize("longest", [0.0, 1.0])
def test_a_film_that_goes_out_of_reach_while_it_is_read_is_no_row(reader, job, monkeypatch, longest):
    job(longest=longest)
    packets = frames.packets_of

    def cut(container, stream):
        yield from itertools.islice(packets(container, stream), 9)
        raise av.FFmpegError(*STALE)

    monkeypatch.setattr(frames, "packets_of", cut)
    monkeypatch.setattr("openfer.app.sections.packets_of", cut)
    with pytest.raises(UnreachableError, match=r"^film\.mp4 cannot be reached: .*Stale file handle"):
        rows_of(Here(reader))


def test_a_film_that_can_be_opened_only_at_the_second_try_is_read(reader, job, monkeypatch):
    job(longest=0.0)
    wanted, tries = rows_of(Here(reader)), iter([OSError(*STALE)])

    def opened(path):
        if error := next(tries, None):
            raise error
        return Video(path)

    monkeypatch.setattr(films, "Video", opened)
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert rows_of(Here(reader)) == wanted


def test_a_film_that_is_none_has_a_row_that_says_so(reader, film):
    (film.parent / "none.mp4").write_bytes(b"no film")
    (row,) = films.Read("none.mp4")(reader).to_pylist()
    assert (row["file"], row["frame"]) == ("none.mp4", None)
    assert row["error"] == "not a video, or cut off before its table of frames was written"
