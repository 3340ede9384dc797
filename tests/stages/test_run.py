"""stages/run: a stage runs with the Python that runs DVC; what a user can mend ends it with one line."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.imports import ROOT

STAGE = "import sys; print(sys.executable, *sys.argv[1:])"
DVC = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
"""What DVC is here: a Python that runs a command."""

PATH = "/usr/bin:/bin"
"""Of a user who has no environment activated."""


@pytest.fixture
def project(tmp_path):
    """A project with a stage that prints which Python runs it."""
    (tmp_path / "stages").mkdir()
    shutil.copyfile(ROOT / "stages" / "run", tmp_path / "stages" / "run")
    (tmp_path / "work.py").write_text(STAGE, encoding="utf-8")
    return tmp_path


def environment_at(folder: Path) -> Path:
    """Make the least of a virtual environment and return its Python."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    (folder / "pyvenv.cfg").write_text(f"home = {Path(os.path.realpath(sys.executable)).parent}\n", encoding="utf-8")
    return folder / "bin" / "python"


def python_of_the_stage(project: Path, *command: object, folder: str = ".", path: str = PATH) -> str:
    """Run a command and return what the stage printed."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=project / folder,
        env={"PATH": path, "HOME": os.fspath(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_ctrl_c_is_no_traceback(tmp_path):
    stage = "import signal, stages; stages.run(lambda: signal.raise_signal(signal.SIGINT))"
    command = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {stage}"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")


SH = ("sh", "-c", "sh stages/run work cnn sift")


def test_without_activation_the_python_that_runs_dvc_runs_the_stage(project):
    python = environment_at(project / ".venv")
    assert python_of_the_stage(project, python, "-c", DVC, *SH) == f"{python} cnn sift"


def test_blanks_in_the_path_of_the_environment_and_in_an_argument(project):
    python = environment_at(project / "my projects" / "an environment")
    command = ("sh", "stages/run", "work", "two words")
    assert python_of_the_stage(project, python, "-c", DVC, *command) == f"{python} two words"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux tells where a process was started")
def test_a_python_that_was_called_by_a_relative_path_is_found_from_another_folder(project):
    python = environment_at(project / ".venv")
    (project / "data").mkdir()
    elsewhere = (
        f"import os, subprocess; subprocess.run({['sh', '../stages/run', 'work']!r}, cwd='data', env=os.environ)"
    )
    shutil.copyfile(project / "work.py", project / "data" / "work.py")
    assert python_of_the_stage(project, ".venv/bin/python", "-c", elsewhere) == os.fspath(python)


def test_a_python_that_was_called_by_its_name_is_that_of_the_path(project):
    python = environment_at(project / ".venv")
    found = python_of_the_stage(project, "python", "-c", DVC, *SH, path=f"{python.parent}:{PATH}")
    assert found == f"{python} cnn sift"


def test_shells_between_dvc_and_the_stage_change_nothing(project):
    python = environment_at(project / ".venv")
    nested = ("sh", "-c", "sh -c 'sh -c \"sh stages/run work; true\"; true'; true")
    assert python_of_the_stage(project, python, "-c", DVC, *nested) == os.fspath(python)


def test_the_nearest_python_is_taken(project):
    outer, inner = environment_at(project / "outer"), environment_at(project / "inner")
    assert python_of_the_stage(project, outer, "-c", DVC, inner, "-c", DVC, *SH) == f"{inner} cnn sift"


def test_without_a_python_above_it_the_one_of_the_path_is_taken(project):
    python, out = environment_at(project / ".venv"), project / "out.txt"
    # A shell that outlives the Python that started it has none above it any more.
    waits = f"(while kill -0 $STARTER; do sleep 0.05; done; sh stages/run work > part; mv part {out.name}) 2>errors &"
    starts = "import os, subprocess, sys; subprocess.run(sys.argv[1:], env=os.environ | {'STARTER': str(os.getpid())})"
    environment = {"PATH": f"{python.parent}:{PATH}"}
    subprocess.run([sys.executable, "-c", starts, "sh", "-c", waits], cwd=project, env=environment, check=True)
    deadline = time.monotonic() + 30
    while not out.exists():
        assert time.monotonic() < deadline, (project / "errors").read_text(encoding="utf-8")
        time.sleep(0.02)
    assert out.read_text(encoding="utf-8").strip() == os.fspath(python)


def ended(stage: str, folder: Path) -> str:
    """Run a stage that fails, in a folder, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", f"from pathlib import Path\nfrom stages import run\n{stage}"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.fspath(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stdout


def test_a_full_disk_ends_a_stage_with_one_line(tmp_path):
    stage = """
import resource
import numpy as np
from openfer.files import save_array
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
run(save_array, Path("data/images.npy"), np.zeros(100_000))
"""
    line = "-c: data/images.npy cannot be written: 100000 requested and 496 written; is the disk full?\n"
    assert ended(stage, tmp_path) == line


def test_a_damaged_input_ends_a_stage_with_one_line(tmp_path):
    (tmp_path / "labels.npy").write_bytes(b"")
    stage = "from openfer.files import load_array\nrun(load_array, Path('labels.npy'), 'uint8', (None,))"
    printed = ended(stage, tmp_path)
    assert printed.startswith("-c: labels.npy is damaged (")
    assert printed.count("\n") == 1
