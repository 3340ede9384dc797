"""The package: a wheel of the library, the program and the model, which runs beside the oldest and newest packages."""

import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from openfer import MODEL
from tests.imports import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PINNED = ("requirements.txt", "requirements-app.txt", "requirements-ray.txt", "constraints.txt")
CODE = (
    "benchmarks",
    "docs",
    "openfer",
    "pipeline",
    "sample",
    "stages",
    "tests",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of a checkout."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in CODE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.csv"))
        else:
            shutil.copy(source, folder)
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder / "made"), str(folder))
    (found,) = (folder / "made").iterdir()
    return found


def pip(python: str | Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_wheel_holds_the_library_the_model_and_the_weights_of_the_detectors_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as opened:
        names = {name for name in opened.namelist() if ".dist-info/" not in name}
        assert opened.read("openfer/model/model.onnx") == (MODEL / "model.onnx").read_bytes()
    files = [path for path in (ROOT / "openfer").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert names == {str(path.relative_to(ROOT)) for path in files}


def test_a_wheel_brings_the_program(wheel):
    with zipfile.ZipFile(wheel) as opened:
        (points,) = [name for name in opened.namelist() if name.endswith("entry_points.txt")]
        assert "openfer = openfer.app.cli:run" in opened.read(points).decode()


def names(requirements) -> set[str]:
    from packaging.requirements import Requirement

    return {Requirement(line).name.lower() for line in requirements}


def pinned(file: str) -> dict[str, str]:
    lines = [line.split("#")[0].strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines()]
    return dict(line.split("==") for line in lines if "==" in line)


def test_the_exact_versions_of_the_pipeline_are_among_those_that_the_package_takes():
    """OpenCV's two builds have one version: setup.sh takes the one that the machine can run."""
    from packaging.requirements import Requirement

    pins = {name.lower(): version for file in PINNED for name, version in pinned(file).items()}
    pins["opencv-contrib-python-headless"] = pins["opencv-contrib-python"]
    asked = [*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)]
    for requirement in map(Requirement, asked):
        assert requirement.name == "openfer" or pins[requirement.name.lower()] in requirement.specifier, requirement


def test_the_extra_train_names_what_the_pipeline_needs_beside_the_program():
    """OpenCV is named once: its two builds share their files."""
    program = names(PROJECT["dependencies"]) | names(EXTRAS["video"]) | {"opencv-contrib-python"}
    needed = {name.lower() for name in pinned("requirements.txt")}
    assert needed - program <= names(EXTRAS["train"]) <= needed


def installed(folder: Path, *requirements: str) -> Path:
    """The Python of an empty environment with some packages."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip(python, "install", "--only-binary", ":all:", *requirements)
    return python


def run(python: Path, *words: str) -> str:
    """Run Python outside the checkout and return what it printed; a warning is an error."""
    done = subprocess.run([str(python), *words], cwd=python.parents[2], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


CALL = """
from openfer import Recognizer
(face,) = Recognizer()("portrait.jpg").faces
print(face.emotion, Recognizer.__module__)
"""


@pytest.mark.slow
def test_the_newest_packages_make_a_small_environment_in_which_the_first_minute_works_beside_fer(wheel, tmp_path):
    """PyPI's fer comes without what it brings along, two gigabytes: what matters is that no file of it is ours."""
    python = installed(tmp_path / "venv", str(wheel))
    packages = {one["name"].lower() for one in json.loads(run(python, "-m", "pip", "list", "--format", "json"))}
    assert len(packages - {"pip", "setuptools", "wheel"}) <= 20
    size = sum(path.lstat().st_size for path in (tmp_path / "venv").rglob("*"))
    assert size <= 450e6
    pip(python, "install", "--no-deps", "fer")
    assert run(python, "-c", "import importlib.util; print(importlib.util.find_spec('fer').name)") == "fer\n"
    shutil.copy(ROOT / "examples" / "portrait.jpg", tmp_path)
    assert run(python, "-c", CALL).split() == ["happy", "openfer.api.recognizer"]
    program = [str(python.with_name("openfer")), "photo", "portrait.jpg"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("portrait.jpg: happy")
    assert list((tmp_path / "expressions").rglob("*.jpg"))
    done = subprocess.run([program[0], "video", "film.mp4"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert "pip install 'openfer[video]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="the oldest packages have wheels for Python 3.11 and 3.12 alone"
)
def test_the_oldest_packages_find_a_happy_astronaut(wheel, tmp_path):
    pins = [f"{named.split(',')[0].replace('>=', '==')}.*" for named in PROJECT["dependencies"]]
    python = installed(tmp_path / "venv", str(wheel), *pins)
    shutil.copy(ROOT / "examples" / "portrait.jpg", tmp_path)
    assert run(python, "-c", CALL).split() == ["happy", "openfer.api.recognizer"]
