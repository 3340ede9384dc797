"""A fingerprint changes with whatever the result depends on, and with nothing else."""

import shutil
import subprocess
import sys

import pytest

from openfer.training.fingerprint import fingerprint
from tests.imports import ROOT

PARAMS = {"seed": 42, "width": 16}
INPUTS = {"images.npy": "0a", "labels.npy": "0b"}
STAGE = """
from openfer.evaluation import protocol
from openfer.training.fingerprint import fingerprint

print(fingerprint({"seed": 1}, {}))
"""


def test_it_is_sixteen_hexadecimal_digits():
    mark = fingerprint(PARAMS, INPUTS)
    assert len(mark) == 16
    assert set(mark) <= set("0123456789abcdef")


def test_the_order_of_the_keys_does_not_matter():
    params, inputs = dict(reversed(PARAMS.items())), dict(reversed(INPUTS.items()))
    assert fingerprint(params, inputs) == fingerprint(PARAMS, INPUTS)


@pytest.mark.parametrize(
    ("params", "inputs"),
    [
        (PARAMS | {"seed": 43}, INPUTS),
        (PARAMS | {"depth": 1}, INPUTS),
        ({"seed": 42}, INPUTS),
        (PARAMS, INPUTS | {"images.npy": "0c"}),
        (PARAMS, {"images.npy": "0a"}),
        (PARAMS, {"images.npy": "0b", "labels.npy": "0a"}),
    ],
)
def test_it_changes_with_parameters_and_inputs(params, inputs):
    assert fingerprint(params, inputs) != fingerprint(PARAMS, INPUTS)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "fer", folder / "fer", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "stages").mkdir()
    (folder / "stages" / "work.py").write_text(STAGE, encoding="utf-8")
    return folder


def run(project) -> str:
    command = [sys.executable, "-m", "stages.work"]
    return subprocess.run(command, cwd=project, check=True, capture_output=True, text=True).stdout


def run_after_editing(project, name: str) -> str:
    """Run the stage with a comment added to one file, then take the comment away."""
    file = project / name
    content = file.read_text(encoding="utf-8")
    file.write_text(f"{content}# edited\n", encoding="utf-8")
    try:
        return run(project)
    finally:
        file.write_text(content, encoding="utf-8")


@pytest.fixture(scope="module")
def unedited(project):
    return run(project)


def test_it_is_the_same_in_another_process(project, unedited):
    assert run(project) == unedited


@pytest.mark.parametrize("name", ["openfer/evaluation/protocol.py", "openfer/emotions.py", "stages/work.py"])
def test_it_changes_with_the_code_in_use(project, unedited, name):
    assert run_after_editing(project, name) != unedited


def test_it_does_not_change_with_a_module_that_is_not_in_use(project, unedited):
    assert run_after_editing(project, "openfer/evaluation/figures/learning_curves.py") == unedited


def test_it_does_not_depend_on_where_the_project_lies(project, unedited, tmp_path):
    elsewhere = shutil.copytree(project, tmp_path / "elsewhere")
    assert run(elsewhere) == unedited
