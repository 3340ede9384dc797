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
from tests.imports import ROOT
from tests.photos import astronaut


@pytest.mark.parametrize("command", ["", "photo", "video", "webcam", "web"])
def test_help_needs_no_package(command):
    """Under -S Python sees its own library alone."""
    words = [sys.executable, "-S", "-m", "openfer", *command.split(), "--help"]
    done = subprocess.run(words, cwd=ROOT, env=os.environ | {"PYTHONPATH": ""}, capture_output=True, text=True)
    assert done.stdout.startswith(f"usage: openfer {command}".strip()), done.stderr


@pytest.mark.parametrize("detector", DETECTORS)
def test_a_command_uses_the_detector_that_is_chosen_and_its_smallest_face(detector, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(astronaut()).save("portrait.png")
    for smallest, answer in (("60", "happy"), ("200", "no face")):
        assert main(["photo", "portrait.png", "--detector", detector, "--smallest", smallest]) == 0
        assert capsys.readouterr().out.startswith(f"portrait.png: {answer}")


def test_all_finds_are_reported_where_they_are_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr("openfer.app.photo.main", lambda _, predictor: asked.append(predictor.all_faces) or 0)
    main(["photo", "portrait.jpg"])
    main(["photo", "portrait.jpg", "--all"])
    assert asked == [False, True]


@pytest.mark.parametrize("value", ["11", "-5", "24.5", "small"])
def test_a_smallest_face_that_is_none_is_one_line(value, capsys):
    with pytest.raises(SystemExit):
        main(["photo", "portrait.jpg", f"--smallest={value}"])
    assert "argument --smallest" in capsys.readouterr().err.splitlines()[-1]


def test_a_command_uses_the_shipped_model_from_any_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(astronaut()).save("portrait.png")
    assert main(["photo", "portrait.png"]) == 0
    assert capsys.readouterr().out.startswith("portrait.png: happy")
    assert parser().parse_args(["web"]).model == MODEL
    assert MODEL.is_relative_to(Path(importlib.import_module("openfer").__file__).parent)


@pytest.mark.parametrize(
    ("command", "package", "extra"),
    [
        ("web", "gradio", "[web]"),
        ("video film.mp4", "matplotlib", "[video]"),
        ("photo a.jpg", "cv2", ""),
        ("photo a.jpg --engine ray --out b", "ray", "[ray]"),
        ("photo a.jpg --engine ray --out b", "pyarrow", "[ray]"),
    ],
)
def test_a_missing_package_is_one_line_that_names_the_extra(command, package, extra):
    """In a process of its own, where nothing has been imported yet."""
    code = (
        f"import sys; sys.modules[{package!r}] = None; from openfer.app.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run([sys.executable, "-c", code, *command.split()], cwd=ROOT, capture_output=True, text=True)
    line = f"{package} is not installed: pip install 'openfer{extra}' (in a checkout: '.{extra}')"
    assert (done.returncode, done.stderr) == (2, f"{command.split()[0]}: {line}\n")


HEAVY = {
    *("PIL", "av", "cv2", "gradio", "matplotlib", "numpy", "onnxruntime", "pandas", "pyarrow", "ray", "scipy"),
    "tqdm",
}


@pytest.mark.parametrize("code", ["import openfer", "from openfer.app.cli import parser; parser()"])
def test_the_package_and_the_help_touch_nothing_heavy(code):
    code = f"{code}; import sys; print(*sorted(name.split('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_a_photograph_needs_neither_scipy_nor_matplotlib_nor_the_training(tmp_path):
    """What pyproject.toml leaves to the extras is not imported where faces are found and predicted."""
    Image.fromarray(astronaut()).save(tmp_path / "portrait.png")
    code = "import sys; from openfer import Recognizer; print(Recognizer()(sys.argv[1]).faces[0].emotion, *sys.modules)"
    words = [sys.executable, "-c", code, str(tmp_path / "portrait.png")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    emotion, *modules = done.stdout.split()
    assert emotion == "happy"
    assert not {"av", "keras", "matplotlib", "mlflow", "pandas", "scipy", "sklearn", "tensorflow"} & set(modules)


def test_the_local_engine_needs_no_ray(tmp_path):
    """Even where RAY_ADDRESS is set: only --engine chooses."""
    Image.fromarray(astronaut()).save(tmp_path / "portrait.png")
    code = "import sys; sys.modules['ray'] = None; from openfer.app.cli import main; sys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", code, "photo", str(tmp_path / "portrait.png"), "--out", str(tmp_path / "out")]
    environment = os.environ | {"RAY_ADDRESS": "127.0.0.1:1"}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / "faces.csv").is_file()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("photo a.jpg --engine ray", "--engine ray needs --out"),
        ("photo a.jpg --engine ray --out b --charts", "--engine ray has no --charts"),
        ("video a.mp4 --engine ray --out b --json", "--engine ray has no --json"),
        ("photo s3://bucket/a.jpg", "s3://bucket/a.jpg is for --engine ray"),
        ("webcam --out s3://bucket/b", "s3://bucket/b is for --engine ray"),
        ("photo a.jpg --workers 2", "--workers is for --engine ray"),
    ],
)
def test_an_option_of_the_other_engine_is_one_line(words, line, capsys):
    assert main(words.split()) == 2
    assert capsys.readouterr().err == f"{words.split()[0]}: {line}\n"


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
