"""What a person sees of a run: one line per stage with the time left, and of what fails everything that it said."""

import io
import re
import sys
from pathlib import Path

import pytest

from sample import progress
from sample.demo import clean_environment
from sample.progress import Progress, clock, repro, usual

PIPELINE = """
stages:
  draw:
    cmd: echo drawn > faces; echo 90 faces; echo W0000 no GPU >&2
    outs: [faces: {cache: false}]
  train:
    cmd: python train.py
    deps: [faces, train.py]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A pipeline of two stages, the second of which is still to be written."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").write_text("[core]\n    no_scm = true\n    analytics = false\n")
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    return tmp_path


def run(project: Path, capsys) -> tuple[int, list[str], str]:
    """Exit code, printed lines and log of a run."""
    log = project / "log"
    code = repro(project, ["dvc.yaml"], clean_environment(), log)
    return code, capsys.readouterr().out.splitlines(), log.read_text()


def test_a_run_is_a_line_per_stage_and_its_noise_is_in_the_log(project, capsys):
    (project / "train.py").write_text(
        "import sys; print('accuracy 0.8'); sys.stderr.write('Epoch:  50%|#####     |\\n')"
    )
    code, shown, log = run(project, capsys)
    assert code == 0
    assert len(shown) == 2
    assert re.fullmatch(r"  1/2  draw +\d+ s  0:\d\d left +90 faces", shown[0])
    assert re.fullmatch(r"  2/2  train +\d+ s +accuracy 0.8", shown[1])
    assert "W0000 no GPU" in log
    assert "50%|" not in log
    _, shown, _ = run(project, capsys)
    assert [line.split(maxsplit=2) for line in shown] == [
        ["1/2", "draw", "nothing has changed"],
        ["2/2", "train", "nothing has changed"],
    ]


def test_a_stage_that_fails_shows_what_it_said_and_nothing_of_the_others(project, capsys):
    (project / "train.py").write_text("import sys; print('read 90 faces'); sys.exit('train: no face has a label')")
    code, shown, _ = run(project, capsys)
    text = "\n".join(shown)
    assert code != 0
    assert {"read 90 faces", "train: no face has a label"} <= set(shown)
    assert "W0000" not in text
    assert text.endswith(f"The whole output: {project / 'log'}")


def test_a_pipeline_that_dvc_cannot_read_is_what_dvc_says_of_it(project, capsys):
    (project / "dvc.yaml").write_text("stages: [1]")
    code, shown, _ = run(project, capsys)
    assert code != 0
    assert any("dvc.yaml" in line for line in shown)


class Terminal(io.StringIO):
    """A terminal that remembers."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def watch(monkeypatch):
    """A clock that stands still until it is set."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_the_time_left_is_what_the_waiting_stages_usually_take_and_shrinks(watch):
    shown = Progress(["train@cnn", "train@vgg", "evaluate"], sys.stdout)
    assert shown.left() == 2 * usual("train@cnn") + usual("evaluate")
    shown.start("train@cnn")
    watch[0] = 10.0
    assert shown.left() == 2 * usual("train@cnn") + usual("evaluate") - 10
    watch[0] = 1000.0
    assert shown.left() == usual("train@vgg") + usual("evaluate")


def test_a_slow_machine_is_believed(watch):
    shown = Progress(["train@cnn", "train@vgg"], sys.stdout)
    shown.start("train@cnn")
    watch[0] = 100 * usual("train@cnn")
    shown.finish()
    assert shown.left() > 20 * usual("train@vgg")


def test_a_terminal_shows_the_bar_of_the_stage_that_runs(watch):
    terminal = Terminal()
    shown = Progress(["train@cnn", "evaluate"], terminal)
    shown.start("train@cnn")
    shown.hear("Epoch:  40%|####      | 4/10", says=False)
    shown.tick()
    assert terminal.getvalue().split("\r\033[K")[-1].split() == [
        "1/2",
        "train@cnn",
        "40",
        "%",
        clock(shown.left()),
        "left",
    ]
    shown.finish()
    assert terminal.getvalue().endswith("\n")


@pytest.mark.parametrize(
    ("name", "like"), [("train@cnn", "train"), ("train_fused@cnn-sift", "train"), ("sample/dvc.yaml:draw", "draw")]
)
def test_stages_of_a_kind_take_as_long(name, like):
    assert usual(name) == progress.USUAL[like]


def test_a_time_is_minutes_and_seconds():
    assert [clock(5.4), clock(59.6), clock(125)] == ["0:05", "1:00", "2:05"]
