"""The demo's copy of the project, and what it says where there is no Git repository."""

import re
import shlex
import subprocess
import sys

import pytest

from sample.demo import clean_environment, next_steps, prepare


def test_a_git_repository_needs_no_word(tmp_path):
    (tmp_path / ".git").mkdir()
    assert next_steps(tmp_path) == ""


@pytest.fixture
def unpacked(tmp_path):
    """A project as a ZIP brings it."""
    prepare(tmp_path, {})
    (tmp_path / ".dvc" / "config.local").unlink()
    return tmp_path


def status(folder) -> str:
    command = [sys.executable, "-m", "dvc", "status", "sample/dvc.yaml"]
    done = subprocess.run(command, cwd=folder, env=clean_environment(), capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.mark.parametrize("which", [0, 1])
def test_each_command_that_is_named_makes_dvc_run_in_an_unpacked_zip(unpacked, which):
    assert "not a git repository" in status(unpacked)
    commands = re.findall(r"^  (.*?)   ", next_steps(unpacked), re.MULTILINE)
    words = shlex.split(commands[which])
    words = [sys.executable, "-m", *words] if words[0] == "dvc" else words
    subprocess.run(words, cwd=unpacked, env=clean_environment(), check=True, capture_output=True)
    assert "draw" in status(unpacked)


def test_what_the_project_has_no_more_leaves_the_copy_and_outputs_stay(tmp_path):
    prepare(tmp_path, {})
    old, output = tmp_path / "openfer" / "old.py", tmp_path / "sample" / "fer2013.csv"
    old.touch()
    output.touch()
    prepare(tmp_path, {})
    assert not old.exists()
    assert output.exists()
