"""The package: a wheel of the library, the program and the model, which runs beside the oldest and newest packages."""

import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from openfer import MODEL
from openfer.faces.yunet import WEIGHTS
from tests.imports import ROOT
from tests.photos import astronaut

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
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
    expected = {str(path.relative_to(ROOT)) for path in (ROOT / "openfer").rglob("*.py")}
    expected |= {f"openfer/model/{path.name}" for path in MODEL.iterdir()}
    assert names == expected | {f"openfer/faces/weights/{path.name}" for path in WEIGHTS.parent.iterdir()}


def test_a_wheel_brings_the_program(wheel):
    with zipfile.ZipFile(wheel) as opened:
        (points,) = [name for name in opened.namelist() if name.endswith("entry_points.txt")]
        assert "openfer = openfer.app.cli:run" in opened.read(points).decode()


def test_the_exact_versions_of_the_pipeline_are_among_those_that_the_package_takes():
    from packaging.requirements import Requirement

    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    lines += (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("#")[0].strip().split("==") for line in lines if "==" in line)
    for requirement in map(Requirement, PROJECT["dependencies"]):
        assert pins[requirement.name] in requirement.specifier, requirement


@pytest.mark.slow
@pytest.mark.parametrize("oldest", [False, True], ids=["newest", "oldest"])
def test_the_program_finds_a_happy_astronaut_beside_the_newest_and_the_oldest_packages(wheel, tmp_path, oldest):
    if oldest and sys.version_info > (3, 12):
        pytest.skip("the oldest packages have wheels for Python 3.11 and 3.12 alone")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    pins = [f"{named.split(',')[0].replace('>=', '==')}.*" for named in PROJECT["dependencies"]] if oldest else []
    pip(tmp_path / "venv" / "bin" / "python", "install", "--only-binary", ":all:", str(wheel), *pins)
    Image.fromarray(astronaut()).save(tmp_path / "portrait.png")
    program = [str(tmp_path / "venv" / "bin" / "openfer"), "photo", "portrait.png", "--json"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True)
    (face,) = json.loads(done.stdout)["faces"]
    assert face["emotion"] == "happy"
    assert face["probabilities"]["happy"] == pytest.approx(0.895, abs=0.02)
