"""Films from the command line: every frame has a row, people keep their numbers, all files are whole."""

import csv
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from openfer.app import people, records, video
from openfer.app.cli import main
from openfer.app.frames import Video, VideoError
from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression
from openfer.faces.tracker import Tracker
from tests.films import moving, write_film
from tests.photos import astronaut, grace_hopper

FRAMES, SEEN = 14, range(4, 11)
WALL = np.full((120, 160, 3), 96, np.uint8)
EMPTY = np.full((480, 640, 3), 96, np.uint8)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Fourteen frames; a face from the fifth to the eleventh, moving to the right."""
    frames = [picture if number in SEEN else EMPTY for number, picture in enumerate(moving(FRAMES, 8))]
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", frames)


@pytest.fixture(scope="module")
def done(film, model, tmp_path_factory):
    out = tmp_path_factory.mktemp("results") / "out"
    words = ["--model", str(model), "--out", str(out), "--smooth", "0.2", "--valence"]
    assert main(["video", str(film), *words]) == 0
    return out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_frame_has_a_row_with_number_and_time_a_face_or_not(done, film):
    found = rows(done / "frames.csv")
    assert {row["file"] for row in found} == {str(film)}
    assert [int(row["frame"]) for row in found] == list(range(FRAMES))
    assert [float(row["seconds"]) for row in found] == pytest.approx([number / 10 for number in range(FRAMES)])
    assert [bool(row["emotion"]) for row in found] == [number in SEEN for number in range(FRAMES)]
    assert [row["person"] for row in found] == ["1" if number in SEEN else "" for number in range(FRAMES)]
    assert {row["valence"] for row in found if row["person"]} <= {"positive", "neutral", "negative"}


def test_the_same_person_has_one_number_and_a_row_over_the_film(done, film):
    (person,) = rows(done / "people.csv")
    assert (person["file"], person["person"], person["frames"]) == (str(film), "1", str(len(SEEN)))
    assert (person["first_seconds"], person["last_seconds"]) == ("0.4", "1.0")
    assert sum(float(person[emotion]) for emotion in people.EMOTIONS) == pytest.approx(1, abs=1e-3)
    assert sum(float(person[f"valence {one}"]) for one in ("positive", "neutral", "negative")) == pytest.approx(1)


def test_the_marked_film_has_every_frame_and_the_timeline_is_there(done):
    copy = Video(done / "film.mp4.faces.mp4")
    assert copy.size == (640, 480)
    assert sum(1 for _ in copy) == FRAMES
    names = {"film.mp4.emotions.png", "film.mp4.faces.mp4", "frames.csv", "frames.jsonl", "people.csv"}
    assert {path.name for path in done.iterdir()} == names


def test_json_goes_to_the_terminal_and_nothing_is_written(film, model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["video", "--json", "--model", str(model), str(film)]) == 0
    frames = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [len(frame["faces"]) for frame in frames] == [int(number in SEEN) for number in range(FRAMES)]
    assert list(tmp_path.iterdir()) == []


def test_films_and_folders_give_one_table_and_what_cannot_be_read_is_named(film, model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for folder in ("one", "two"):
        Path(folder).mkdir()
        shutil.copy(film, f"{folder}/clip.mp4")
    Path("two/notes.txt").touch()
    Path("broken.mp4").write_bytes(b"no film")
    words = ["video", "one/clip.mp4", "two", "broken.mp4", "--model", str(model), "--every", "0.2"]
    for out in ("expressions", "expressions-2"):
        assert main(words) == 1
        printed = capsys.readouterr()
        assert f"results in {out}\n" in printed.out
        assert "2 films, 14 frames, 2 people, unsure in " in printed.out
        assert "1 film could not be read" in printed.out.splitlines()[-1]
        assert "two: left out, no films by their names: 1 .txt\n" in printed.err
        assert "broken.mp4: not a video" in printed.err
        assert [row["file"] for row in rows(Path(out) / "people.csv")] == ["one/clip.mp4", "two/clip.mp4"]
        assert {row["file"] for row in rows(Path(out) / "frames.csv")} == {"one/clip.mp4", "two/clip.mp4"}
        films = sorted(path.name for path in Path(out).glob("*.mp4"))
        assert films == ["clip-2.mp4.faces.mp4", "clip.mp4.faces.mp4"]
        assert [sum(1 for _ in Video(Path(out) / name)) for name in films] == [FRAMES, FRAMES]


@pytest.mark.parametrize("content", [None, b"", b"this is no video"], ids=["missing", "empty", "text"])
def test_what_is_no_video_is_refused_in_one_line_and_no_folder_made(content, model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "film.mp4"
    if content is not None:
        path.write_bytes(content)
    assert main(["video", "--model", str(model), str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{path}: no")
    assert [other for other in tmp_path.iterdir() if other != path] == []


def test_a_video_without_a_face_has_a_row_and_no_people(model, tmp_path):
    path = write_film(tmp_path / "wall.mp4", [WALL] * 3)
    assert main(["video", str(path), "--model", str(model), "--out", str(tmp_path / "out")]) == 0
    (nobody,) = rows(tmp_path / "out" / "people.csv")
    assert (nobody["file"], nobody["person"], nobody["frames"]) == (str(path), "", "0")
    frames = rows(tmp_path / "out" / "frames.csv")
    assert [row["frame"] for row in frames] == ["0", "1", "2"]
    assert set(records.columns(None)) < set(frames[0])


def test_a_name_that_is_a_formula_is_none_in_the_tables(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_film(tmp_path / "=HYPERLINK(1).mp4", [WALL] * 3)
    assert main(["video", "=HYPERLINK(1).mp4", "--model", str(model), "--out", "out"]) == 0
    for table in ("people.csv", "frames.csv"):
        assert {row["file"] for row in rows(Path("out") / table)} == {"./=HYPERLINK(1).mp4"}
    lines = (tmp_path / "out" / "frames.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["file"] for line in lines} == {"=HYPERLINK(1).mp4"}


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
    assert len(rows(out / "frames.csv")) == SEEN.start
    assert [row["frames"] for row in rows(out / "people.csv")] == ["0"]
    assert not list(out.rglob(".*"))


@pytest.mark.parametrize("name", ["frames.jsonl", "frames.csv", "people.csv"])
def test_results_of_an_earlier_run_stay(film, model, tmp_path, capsys, name):
    (tmp_path / name).write_text("of an earlier run")
    assert main(["video", str(film), "--model", str(model), "--out", str(tmp_path)]) == 2
    assert f"{name} is there from an earlier run; choose another --out, or delete it" in capsys.readouterr().err
    assert [path.read_text() for path in tmp_path.iterdir()] == ["of an earlier run"]


def test_where_the_film_cannot_be_written_nothing_is_left(film, model, tmp_path, monkeypatch):
    class Broken:
        def __init__(self, path, *_, **__) -> None:
            raise VideoError(f"{path}: the film cannot be written")

    monkeypatch.setattr(video, "Writer", Broken)
    assert main(["video", str(film), "--model", str(model), "--out", str(tmp_path)]) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_removed_meanwhile_is_one_line_and_does_not_come_back(
    film, model, tmp_path, monkeypatch, capsys
):
    original, out = video.overlay, tmp_path / "out"

    def removing(*arguments):
        shutil.rmtree(out, ignore_errors=True)
        return original(*arguments)

    monkeypatch.setattr(video, "overlay", removing)
    assert main(["video", str(film), "--model", str(model), "--out", str(out)]) == 2
    assert "out: the folder of the results was removed meanwhile; start again" in capsys.readouterr().err
    assert not out.exists()


def test_a_person_in_a_slow_film_keeps_the_number(model, tmp_path, capsys):
    path = write_film(tmp_path / "slow.mkv", [astronaut()] * 4, stamps=[0, 2, 4, 6])
    assert main(["video", "--json", "--model", str(model), str(path)]) == 0
    frames = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [face["person"] for frame in frames for face in frame["faces"]] == [1, 1, 1, 1]


def test_a_film_that_is_cut_off_is_read_as_far_as_it_goes_and_told(model, tmp_path, capsys):
    noise = np.random.default_rng(0)
    pictures = [noise.integers(0, 256, (120, 160, 3), np.uint8) for _ in range(30)]
    path = write_film(tmp_path / "film.avi", pictures, codec="mpeg4")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert main(["video", str(path), "--model", str(model), "--out", str(tmp_path / "out")]) == 0
    assert "of 30 frames could be read; it may be cut off" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--smooth", "--every"])
def test_what_is_no_time_is_refused(film, option, capsys):
    for text in ("-1", "nan", "soon"):
        with pytest.raises(SystemExit):
            main(["video", str(film), option, text])
        assert option in capsys.readouterr().err


# --- frames by themselves, with faces that are made up ---


def two_portraits(number: int, moves: str) -> np.ndarray:
    """A frame of a film: the astronaut passes before Grace Hopper, or stands large before her and goes aside."""
    near = astronaut()[20:220, 190:390]
    far = cv2.resize(grace_hopper()[:400, 50:450], (200, 200), interpolation=cv2.INTER_AREA)
    frame = np.full((420, 900, 3), 96, np.uint8)
    if moves == "crossing":
        frame[20:220, 430 - 9 * number :][:, :200] = far
        frame[20:220, 10 + 9 * number :][:, :200] = near
    else:
        frame[80:190, 200:310] = cv2.resize(far, (110, 110), interpolation=cv2.INTER_AREA)
        frame[10:410, 60 + max(0, number - 12) * 12 :][:, :400] = cv2.resize(near, (400, 400))
    return frame


@pytest.mark.parametrize(("moves", "ways"), [("crossing", {-1, 1}), ("aside", {0, 1})])
def test_two_real_faces_keep_their_numbers_where_one_hides_the_other(model, tmp_path, moves, ways):
    path = write_film(tmp_path / "film.mp4", (two_portraits(number, moves) for number in range(47)), 20)
    assert main(["video", str(path), "--model", str(model), "--out", str(tmp_path / "out")]) == 0
    lefts: dict[str, list[float]] = {"1": [], "2": []}
    for row in rows(tmp_path / "out" / "frames.csv"):
        if row["person"]:
            lefts[row["person"]].append(float(row["left"]))
    assert {round((places[-1] - places[0]) / 300) for places in lefts.values()} == ways
    assert all(np.abs(np.diff(places)).max() < 250 for places in lefts.values())
    assert min(map(len, lefts.values())) > 15


def at(left: float) -> Expression:
    return Expression(Face((left, 20, 40, 40), 1.0), np.eye(7)[3], 0.5, 50.0)


def frames(count: int, rate: float):
    return ((number, number / rate, WALL) for number in range(count))


class Script:
    """A predictor that finds faces in the frames it is told; it notes how often it looked."""

    def __init__(self, *faces: tuple[float, range]) -> None:
        self.faces, self.looks = faces, 0

    def __call__(self, pictures):
        found = [at(left) for left, when in self.faces if self.looks in when]
        self.looks += 1
        return [found for _ in pictures]


def test_a_person_has_the_number_from_the_first_frame_on_and_a_ghost_is_not_there():
    script = Script((20, range(5, 60)), (100, range(20, 23)))
    found = list(video.judged(frames(60, 30), script, Tracker(step=1 / 30)))
    assert [number for number, *_ in found] == list(range(60))
    assert [[person for person, _ in people] for *_, people in found] == 5 * [[]] + 55 * [[1]]
    assert [bool((drawn != WALL).any()) for *_, drawn, _ in found] == 5 * [False] + 55 * [True]


@pytest.mark.parametrize("count", [1, 4])
def test_in_a_film_shorter_than_a_third_of_a_second_everybody_counts(count):
    found = list(video.judged(frames(count, 30), Script((20, range(9))), Tracker(step=1 / 30)))
    assert [[person for person, _ in people] for *_, people in found] == count * [[1]]


def test_between_two_looks_frames_keep_the_last_marks():
    script = Script((20, range(99)))
    found = list(video.judged(frames(30, 30), script, Tracker(step=0.2), every=0.2))
    assert [number for number, *_, people in found if people is not None] == [0, 6, 12, 18, 24]
    assert script.looks == 5
    assert all((drawn != WALL).any() for *_, drawn, _ in found)


def test_frames_that_wait_take_no_more_memory_than_they_may(monkeypatch):
    monkeypatch.setattr(video, "MOST_BYTES", 3 * WALL.nbytes)
    taken = []

    def noted():
        for frame in frames(30, 30):
            taken.append(frame[0])
            yield frame

    for number, *_ in video.judged(noted(), Script(), Tracker()):
        assert len(taken) - number <= 4


def test_the_old_name_of_valence_still_works_and_is_not_shown(film, model, capsys):
    assert main(["video", str(film), "--json", "--model", str(model), "--group"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all("valence" in face for line in lines for face in line["faces"])
    with pytest.raises(SystemExit):
        main(["video", "--help"])
    printed = capsys.readouterr().out
    assert "--valence" in printed
    assert "--group" not in printed
