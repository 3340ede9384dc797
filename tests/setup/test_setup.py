"""setup.sh and make, with stubs for Python: which interpreter is used, and that only environments are deleted."""

import os
import re
import shutil
import subprocess

import pytest

from tests.imports import ROOT

STUB = """#!/bin/bash
case "$*" in
"-c import sys"*) echo {version} ;;
"-c import ctypes"*) ;;
"-m pip --version") [ -e "$0.pip" ] ;;
"-m ensurepip") [ -e "$0.ensurepip" ] && touch "$0.pip" ;;
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && touch "$3/bin/python.pip" "$3/pyvenv.cfg" ;;
"-m pip install"*) echo "$*" >> pip.log; [ -z "$PIP_SAYS" ] || {{ echo "$PIP_SAYS" >&2; exit 1; }} ;;
"-m compileall "*) echo "$*" >> compiled.log ;;
"-m sample.demo") echo "demo by {version}" ;;
*) exit 9 ;;
esac
"""
NO_NETWORK = """WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<pip._vendor>')'
ERROR: Cannot install dvc==3.67.1 because these package versions have conflicting dependencies."""


class Checkout:
    """What `make` needs of the project, in a folder of its own, and a machine with some Pythons."""

    def __init__(self, folder):
        self.folder, self.machine = folder / "project", folder / "machine"
        self.machine.mkdir()
        self.folder.mkdir()
        for path in [*ROOT.glob("requirements*.txt"), *(ROOT / name for name in FILES)]:
            shutil.copy(path, self.folder)
        for name, version in PYTHONS.items():
            stub(self.machine / name, version)

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess:
        environment = {"PATH": f"{self.machine}:{os.environ['PATH']}", "PIP_SAYS": ""} | variables
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)

    def environment(self, *made: str, version: str = "3.11"):
        """Make an environment by hand: "pip" is in it, "ensurepip" can put pip into it."""
        venv = self.folder / ".venv"
        (venv / "bin").mkdir(parents=True)
        stub(venv / "bin" / "python", version)
        for name in made:
            (venv / "bin" / f"python.{name}").touch()
        (venv / "pyvenv.cfg").touch()
        (venv / "kept").touch()
        return venv


FILES = ("setup.sh", "Makefile", "constraints.txt", "pyproject.toml")
PYTHONS = {"python3": "3.11", "python3.10": "3.10", "python3.11": "3.11", "python3.12": "3.12", "python3.13": "3.13"}


def stub(path, version: str) -> None:
    path.write_text(STUB.format(version=version))
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def refused(done) -> str:
    """The one line that a command ended with."""
    assert done.returncode
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    return line


def installed(checkout) -> list[str]:
    """What pip was called with, from the options on."""
    lines = (checkout.folder / "pip.log").read_text(encoding="utf-8").splitlines()
    return [line.split("version-check --no-compile ")[1] for line in lines]


def test_the_requirements_are_installed_then_the_project_itself(checkout):
    assert checkout.run("./setup.sh", ".venv", "requirements.txt").returncode == 0
    requirements, project = installed(checkout)
    assert re.fullmatch(r"--requirement \S+/requirements.txt --constraint \S+/constraints.txt", requirements)
    assert project == "--no-deps --no-build-isolation --editable ."
    compiled = (checkout.folder / "compiled.log").read_text(encoding="utf-8")
    assert re.fullmatch(r"-m compileall -q -j 0 \.venv/lib/\S+/site-packages\n", compiled)


@pytest.mark.parametrize("python", ["python3.12", "python3.13"])
def test_make_uses_the_python_that_is_chosen(checkout, python):
    assert f"demo by {python[6:]}" in checkout.run("make", "demo", PYTHON=python).stdout
    assert "demo by 3.11" not in checkout.run("make", "demo", f"PYTHON={python}").stdout


def test_make_uses_the_first_python_that_will_do(checkout):
    (checkout.machine / "python3.11").unlink()
    stub(checkout.machine / "python3.11", "3.9")
    assert "demo by 3.12" in checkout.run("make", "demo").stdout


def test_a_second_make_installs_nothing(checkout):
    checkout.run("make", "demo")
    (checkout.folder / "pip.log").unlink()
    assert "demo by 3.11" in checkout.run("make", "demo").stdout
    assert not (checkout.folder / "pip.log").exists()


def test_another_python_than_that_of_the_environment_is_refused(checkout):
    checkout.run("make", "demo")
    line = refused(checkout.run("make", "demo", PYTHON="python3.13"))
    assert line == (
        "setup: .venv has Python 3.11, not that of PYTHON=python3.13: make clean, or VENV=FOLDER for another folder"
    )
    assert "demo by 3.11" in checkout.run("make", "demo", PYTHON="python3.11").stdout


@pytest.mark.parametrize("python", ["python3.10", "python9"])
def test_a_python_that_will_not_do_is_refused(checkout, python):
    assert f"no {python} that is 3.11, 3.12 or 3.13" in refused(checkout.run("make", "demo", PYTHON=python))
    assert not (checkout.folder / ".venv").exists()


@pytest.mark.parametrize(
    "command", ["./setup.sh files requirements.txt", "make demo VENV=files", "make clean VENV=files"]
)
def test_a_folder_that_is_no_environment_is_never_deleted(checkout, command):
    precious = checkout.folder / "files" / "thesis.tex"
    precious.parent.mkdir()
    precious.touch()
    line = refused(checkout.run(*command.split()))
    assert line.startswith("setup: files is no virtual environment (it has no pyvenv.cfg): not deleted")
    assert precious.exists()


def test_the_project_itself_is_never_deleted(checkout):
    (checkout.folder / "pyvenv.cfg").touch()
    assert "holds this folder: not deleted" in refused(checkout.run("make", "clean", "VENV=../project"))
    assert (checkout.folder / "Makefile").exists()


def test_two_folders_are_none(checkout):
    assert "VENV must name one folder" in checkout.run("make", "clean", "VENV=my files").stderr


def test_clean_deletes_the_environment_and_the_demo(checkout):
    checkout.run("make", "demo")
    (checkout.folder / ".demo").mkdir()
    assert checkout.run("make", "clean").returncode == 0
    assert not (checkout.folder / ".venv").exists()
    assert not (checkout.folder / ".demo").exists()
    assert checkout.run("make", "clean").returncode == 0


def test_an_empty_folder_becomes_the_environment(checkout):
    (checkout.folder / ".venv").mkdir()
    assert checkout.run("make", "demo").returncode == 0


def test_an_environment_is_used_as_it_is(checkout):
    venv = checkout.environment("pip")
    assert "demo by 3.11" in checkout.run("make", "demo").stdout
    assert (venv / "kept").exists()


def test_an_environment_without_pip_gets_it_and_is_kept(checkout):
    venv = checkout.environment("ensurepip")
    assert "demo by 3.11" in checkout.run("make", "demo").stdout
    assert (venv / "bin" / "python.pip").exists()
    assert (venv / "kept").exists()


def test_an_environment_that_cannot_have_pip_is_kept(checkout):
    venv = checkout.environment()
    assert "has no pip, and ensurepip cannot put it there" in refused(checkout.run("make", "demo"))
    assert (venv / "kept").exists()


def test_an_environment_of_an_old_python_is_kept(checkout):
    venv = checkout.environment("pip", version="3.10")
    assert ".venv has Python 3.10, not 3.11, 3.12 or 3.13" in refused(checkout.run("make", "demo"))
    assert (venv / "kept").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(checkout):
    venv = checkout.environment("pip")
    (venv / "bin" / "python").unlink()
    assert "demo by 3.11" in checkout.run("make", "demo").stdout
    assert not (venv / "kept").exists()


def test_without_a_network_one_line_says_so(checkout):
    line = refused(checkout.run("./setup.sh", ".venv", "requirements.txt", PIP_SAYS=NO_NETWORK))
    assert line.startswith("setup: pip could not reach the index of packages: no network")


def test_whatever_else_pip_says_is_shown(checkout):
    done = checkout.run("./setup.sh", ".venv", "requirements.txt", PIP_SAYS="ERROR: no space left")
    assert refused(done) == "ERROR: no space left"


def test_help_lists_every_command_for_people(checkout):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = {line.split()[0] for line in checkout.run("make", "help").stdout.splitlines()}
    assert listed == set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    assert listed | {"interpreter"} == set(re.search(r"^\.PHONY: (.*)", makefile, re.MULTILINE)[1].split())


def test_mlflow_reports_nothing_about_its_use(checkout):
    checkout.run("make", "demo")
    (checkout.folder / ".venv" / "bin" / "mlflow").write_text(
        "#!/bin/bash\necho telemetry off: $MLFLOW_DISABLE_TELEMETRY"
    )
    (checkout.folder / ".venv" / "bin" / "mlflow").chmod(0o755)
    assert "telemetry off: true" in checkout.run("make", "mlflow").stdout


def test_mlflow_shows_the_trainings_of_the_demo_until_there_are_others(checkout):
    checkout.run("make", "demo")
    mlflow, demo = checkout.folder / ".venv" / "bin" / "mlflow", checkout.folder / ".demo"
    mlflow.write_text("#!/bin/bash\necho here: $PWD")
    mlflow.chmod(0o755)
    for there, shown in ((None, checkout.folder), (demo, demo), (checkout.folder, checkout.folder)):
        if there:
            there.mkdir(exist_ok=True)
            (there / "mlflow.db").touch()
        assert f"here: {shown}\n" in checkout.run("make", "mlflow").stdout
