"""A video from the command line: every frame has a row, people keep their numbers, all files are whole."""

import csv
import json
import shutil
import subprocess
import wave
from pathlib import Path

import cv2
import numpy as np
import pytest

from openfer.app import video
from openfer.app.cli import main
from openfer.app.frames import Video, VideoError, Writer, frames_a_second
from tests.photos import astronaut

FRAMES, SEEN = 14, range(4, 11)
WALL = np.full((120, 160, 3), 96, np.uint8)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Fourteen frames; a face from the fifth to the eleventh, moving to the right."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (640, 480))
    for number in range(FRAMES):
        frame = np.full((480, 640, 3), 96, np.uint8)
        if number in SEEN:
            frame = np.roll(astronaut()[:, :, ::-1], 8 * number, axis=1)
        writer.write(frame)
    writer.release()
    return path


@pytest.fixture(scope="module")
def done(film, model, tmp_path_factory):
    out = tmp_path_factory.mktemp("results") / "out"
    assert main(["video", str(film), "--model", str(model), "--out", str(out), "--smooth", "0.2"]) == 0
    return out


def rows(path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_frame_has_a_row_with_number_and_time_a_face_or_not(done):
    found = rows(done / "film.mp4.frames.csv")
    assert [int(row["frame"]) for row in found] == list(range(FRAMES))
    assert [float(row["seconds"]) for row in found] == pytest.approx([number / 10 for number in range(FRAMES)])
    assert [bool(row["emotion"]) for row in found] == [number in SEEN for number in range(FRAMES)]


def test_the_same_person_has_one_number_and_a_summary(done):
    (person,) = json.loads((done / "film.mp4.people.json").read_text())["people"]
    assert (person["person"], person["frames"]) == (1, len(SEEN))
    assert (person["first_seconds"], person["last_seconds"]) == (0.4, 1.0)
    assert sum(person["mean_probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_the_annotated_video_has_every_frame_and_the_plot_is_there(done):
    copy = Video(done / "film.mp4.faces.mp4")
    assert copy.size == (640, 480)
    assert sum(1 for _ in copy) == FRAMES
    assert (done / "film.mp4.emotions.png").stat().st_size > 1000
    assert not list(done.rglob(".*"))


def test_json_goes_to_the_terminal_and_nothing_is_written(film, model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["video", "--json", "--model", str(model), str(film)]) == 0
    frames = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [len(frame["faces"]) for frame in frames] == [int(number in SEEN) for number in range(FRAMES)]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, b"", b"this is no video"], ids=["missing", "empty", "text"])
def test_what_is_no_video_is_refused_in_one_line(content, model, tmp_path, capsys):
    path = tmp_path / "film.mp4"
    if content is not None:
        path.write_bytes(content)
    assert main(["video", "--json", "--model", str(model), str(path)]) == 2
    printed = capsys.readouterr().err
    assert f"{path}: no" in printed
    with pytest.raises(VideoError):
        Video(path)


def test_a_video_without_a_face_has_no_people(model, tmp_path):
    path = tmp_path / "wall.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (160, 120))
    for _ in range(3):
        writer.write(WALL)
    writer.release()
    assert main(["video", str(path), "--model", str(model), "--out", str(tmp_path / "out")]) == 0
    assert json.loads((tmp_path / "out" / "wall.mp4.people.json").read_text()) == {"people": []}
    frames = rows(tmp_path / "out" / "wall.mp4.frames.csv")
    assert [row["frame"] for row in frames] == ["0", "1", "2"]
    assert set(video.records.columns(None)) < set(frames[0])


def test_ctrl_c_leaves_whole_files_of_what_was_done(film, model, tmp_path, monkeypatch):
    original = video.overlay

    def interrupted(picture, expressions, names):
        if expressions:
            raise KeyboardInterrupt
        return original(picture, expressions, names)

    monkeypatch.setattr(video, "overlay", interrupted)
    out = tmp_path / "out"
    assert main(["video", str(film), "--model", str(model), "--out", str(out)]) == 130
    assert sum(1 for _ in Video(out / "film.mp4.faces.mp4")) == SEEN.start
    assert len(rows(out / "film.mp4.frames.csv")) == SEEN.start
    assert not list(out.rglob(".*"))


def test_a_film_keeps_time_where_frames_are_missing(tmp_path):
    writer = Writer(tmp_path / "film.mp4", 10, (160, 120))
    for seconds in (0.0, 0.1, 2.1, 2.2):
        writer.write(WALL, seconds)
    writer.close()
    assert sum(1 for _ in Video(tmp_path / "film.mp4")) == 23


def test_after_a_time_stamp_far_ahead_a_film_goes_on_there(tmp_path):
    writer = Writer(tmp_path / "film.mp4", 10, (160, 120), longest_gap=1.0)
    for seconds in (0.0, 0.1, 3600.0, 3600.1, 3600.2):
        writer.write(WALL, seconds)
    writer.close()
    assert sum(1 for _ in Video(tmp_path / "film.mp4")) == 1 + 1 + 11 + 1 + 1


class FakeFilm:
    """A capture of frames with these time stamps, at a rate that the file claims."""

    def __init__(self, stamps=(0.0,), rate: float = 10.0, size=(160, 120)) -> None:
        self.stamps, self.now = iter(stamps), None
        self.facts = {cv2.CAP_PROP_FPS: rate, cv2.CAP_PROP_FRAME_WIDTH: size[0], cv2.CAP_PROP_FRAME_HEIGHT: size[1]}

    def read(self):
        self.now = next(self.stamps, None)
        return self.now is not None, None if self.now is None else WALL

    def get(self, key: int) -> float:
        return 1000 * self.now if key == cv2.CAP_PROP_POS_MSEC else self.facts.get(key, 0.0)

    def release(self) -> None:
        pass


def test_times_of_films_that_were_joined_never_fall(tmp_path, monkeypatch):
    (tmp_path / "joined.ts").touch()
    stamps = (0.0, 0.1, 0.2, 0.1, 0.2, 0.3)
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: FakeFilm(stamps))
    times = [seconds for _, seconds, _ in Video(tmp_path / "joined.ts")]
    assert times == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])


@pytest.mark.parametrize(
    ("said", "meant"), [(0.5, 0.5), (29.97, 29.97), (0, 25), (-1, 25), (float("nan"), 25), (1000, 60), (90000, 60)]
)
def test_a_rate_that_cannot_be_is_not_believed(said, meant):
    assert frames_a_second(FakeFilm(rate=said)) == meant


def test_frames_that_fill_the_memory_are_refused(tmp_path, monkeypatch):
    (tmp_path / "huge.mkv").touch()
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: FakeFilm(size=(16384, 8640)))
    with pytest.raises(VideoError, match=r"huge\.mkv: frames of 16384 × 8640 pixels"):
        Video(tmp_path / "huge.mkv")


def test_a_playlist_opens_no_other_file(film, tmp_path):
    playlist = tmp_path / "list.m3u8"
    lines = ("#EXTM3U", "#EXT-X-TARGETDURATION:2", "#EXTINF:1.4,", str(film), "#EXT-X-ENDLIST")
    playlist.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(VideoError, match="not a video"):
        Video(playlist)


def test_a_colon_in_a_name_is_no_protocol(film, tmp_path, monkeypatch):
    shutil.copy(film, tmp_path / "12:30.mp4")
    monkeypatch.chdir(tmp_path)
    assert sum(1 for _ in Video(Path("12:30.mp4"))) == FRAMES
    writer = Writer(Path("at 12:31.mp4"), 10, (160, 120))
    writer.write(WALL)
    writer.close()
    assert sum(1 for _ in Video(Path("at 12:31.mp4"))) == 1


def test_a_second_ctrl_c_leaves_the_film_without_its_sound(tmp_path, film, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Writer, "_with_sound", interrupted)
    writer = Writer(tmp_path / "film.mp4", 10, (160, 120), sound=film)
    writer.write(WALL)
    with pytest.raises(KeyboardInterrupt):
        writer.close()
    assert sum(1 for _ in Video(tmp_path / "film.mp4")) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_where_the_film_cannot_be_written_results_of_an_earlier_run_stay(film, model, tmp_path, monkeypatch):
    (tmp_path / "film.mp4.frames.csv").write_text("of an earlier run")

    class Broken:
        def __init__(self, path, *_, **__) -> None:
            raise VideoError(f"{path}: this OpenCV cannot write .mp4")

    monkeypatch.setattr(video, "Writer", Broken)
    assert main(["video", str(film), "--model", str(model), "--out", str(tmp_path)]) == 2
    assert [path.read_text() for path in tmp_path.iterdir()] == ["of an earlier run"]


def test_a_film_that_cannot_be_read_again_is_an_error_and_not_left(tmp_path, monkeypatch):
    writer = Writer(tmp_path / "film.mp4", 10, (160, 120))
    writer.write(WALL)
    writer.writer.release()
    writer.silent.write_bytes(b"")  # as after a disk that was full
    with pytest.raises(VideoError, match="could not be written whole"):
        writer.close()
    assert list(tmp_path.iterdir()) == []


def test_a_person_in_a_slow_film_keeps_the_number(model, tmp_path, capsys):
    writer = Writer(tmp_path / "slow.mp4", 0.5, (640, 480))
    for _ in range(4):
        writer.write(astronaut())
    writer.close()
    assert main(["video", "--json", "--model", str(model), str(tmp_path / "slow.mp4")]) == 0
    frames = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [face["person"] for frame in frames for face in frame["faces"]] == [1, 1, 1, 1]


def test_a_smoothing_that_is_no_time_is_refused(film, capsys):
    for text in ("-1", "nan", "soon"):
        with pytest.raises(SystemExit):
            main(["video", str(film), "--smooth", text])
        assert "--smooth" in capsys.readouterr().err


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="needs ffmpeg")
@pytest.mark.parametrize("seconds", [0.5, 5], ids=["sound ends first", "film ends first"])
def test_sound_is_kept_and_every_frame(film, model, tmp_path, seconds):
    noisy = tmp_path / "noisy.mkv"  # with a codec that MP4 does not hold
    ffmpeg("-i", film, "-f", "lavfi", "-i", f"sine=440:duration={seconds}", "-c:v", "copy", "-c:a", "flac", noisy)
    assert main(["video", str(noisy), "--model", str(model), "--out", str(tmp_path)]) == 0
    result = tmp_path / "noisy.mkv.faces.mp4"
    assert sum(1 for _ in Video(result)) == FRAMES
    ffmpeg("-i", result, "-map", "0:a", tmp_path / "sound.wav")
    with wave.open(str(tmp_path / "sound.wav")) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(min(seconds, FRAMES / 10), abs=0.1)


def ffmpeg(*words) -> None:
    subprocess.run(["ffmpeg", "-loglevel", "error", *map(str, words)], check=True, stdin=subprocess.DEVNULL)


def test_a_film_whose_folder_is_removed_meanwhile_names_the_true_reason(tmp_path):
    film = Writer(tmp_path / "out" / "film.mp4", 10, (64, 48))
    film.write(np.zeros((48, 64, 3), np.uint8))
    shutil.rmtree(tmp_path / "out")
    with pytest.raises(VideoError, match="the folder of the results was removed meanwhile"):
        film.close()
