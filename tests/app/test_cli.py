"""The command line: help without a single package, the shipped model from any folder, one line where one is missing."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from openfer import MODEL
from openfer.app.cli import DETECTORS, main, missing, parser
from openfer.faces import detectors
from tests.imports import ROOT
from tests.photos import astronaut


@pytest.mark.parametrize("command", ["", "photo", "video", "webcam", "web"])
def test_help_needs_no_package(command):
    """Under -S Python sees its own library alone."""
    words = [sys.executable, "-S", "-m", "openfer", *command.split(), "--help"]
    done = subprocess.run(words, cwd=ROOT, env=os.environ | {"PYTHONPATH": ""}, capture_output=True, text=True)
    assert done.stdout.startswith(f"usage: openfer {command}".strip()), done.stderr


def test_every_name_of_a_detector_is_a_class():
    for name in DETECTORS.values():
        assert callable(getattr(detectors, name).__call__)


def test_a_command_uses_the_shipped_model_from_any_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(astronaut()).save("portrait.png")
    assert main(["photo", "portrait.png"]) == 0
    assert capsys.readouterr().out.startswith("portrait.png: happy")
    assert parser().parse_args(["web"]).model == MODEL
    assert MODEL.is_relative_to(Path(importlib.import_module("openfer").__file__).parent)


def test_a_missing_package_is_one_line_that_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "openfer.app.page.server", raising=False)
    monkeypatch.setitem(sys.modules, "gradio", None)
    assert main(["web"]) == 2
    assert capsys.readouterr().err == "web: gradio is not installed: pip install gradio, or make app\n"


def test_a_missing_library_of_the_system_is_one_line_that_says_what_works_without():
    error = ImportError("libGL.so.1: cannot open shared object file: No such file or directory")
    assert "\n" not in missing("photo", error)
    assert "opencv-contrib-python-headless" in missing("photo", error)


def test_a_name_that_a_module_lacks_is_no_matter_of_installation():
    with pytest.raises(ImportError, match="cannot import name"):
        missing("photo", ImportError("cannot import name 'a' from 'b'"))


@pytest.mark.parametrize("value", ["1.5", "-0.1", "nan", "much"])
def test_a_prior_that_is_no_share_is_one_line(value, capsys):
    with pytest.raises(SystemExit):
        main(["photo", "portrait.jpg", f"--prior={value}"])
    assert "argument --prior" in capsys.readouterr().err.splitlines()[-1]
