"""A fingerprint changes with whatever the result depends on, and with nothing else: other bits are not resumed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from openfer.training.checkpoints import Checkpoints
from pipeline import fingerprint as fingerprints
from pipeline import paths, versions
from pipeline.fingerprint import fingerprint
from tests.imports import ROOT

PARAMS = {"seed": 42, "width": 16}
INPUTS = {"images.npy": "0a", "labels.npy": "0b"}
STAGE = """
import sys

from openfer import emotions, used
from pipeline.fingerprint import fingerprint

if __name__ == "__main__":
    print(fingerprint({"seed": 1}, {}, sys.argv[1:]))
"""
USED = '"""A module that a stage uses."""\n\nLIMIT = 1  # of something\n'


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


# --- versions and machine ---


def keras_on(backend: str) -> SimpleNamespace:
    return SimpleNamespace(backend=SimpleNamespace(backend=lambda: backend))


def tensorflow(version: str = "1.0", gpus: Sequence[str] = ()) -> SimpleNamespace:
    config = SimpleNamespace(list_physical_devices=lambda _: gpus)
    config.experimental = SimpleNamespace(get_device_details=lambda gpu: {"device_name": gpu})
    return SimpleNamespace(__version__=version, config=config)


def jax() -> SimpleNamespace:
    return SimpleNamespace(__version__="1.0", devices=lambda: [SimpleNamespace(device_kind="cpu")])


@pytest.fixture
def machine(monkeypatch):
    """Change one thing that is not under version control."""
    monkeypatch.setitem(sys.modules, "keras", keras_on("tensorflow"))
    for name, module in {"tensorflow": tensorflow(), "jax": jax()}.items():
        monkeypatch.setitem(sys.modules, name, module)

    def changed(what: str) -> None:
        if what in ("keras", "numpy"):
            here = versions.installed()
            monkeypatch.setattr(versions, "installed", lambda: here | {what: "9.9"})
        elif what == "python":
            monkeypatch.setattr("platform.python_version", lambda: "3.99.0")
        elif what == "backend":
            monkeypatch.setitem(sys.modules, "keras", keras_on("jax"))
        elif what == "version of the backend":
            monkeypatch.setitem(sys.modules, "tensorflow", tensorflow("2.0"))
        elif what == "a GPU":
            monkeypatch.setitem(sys.modules, "tensorflow", tensorflow(gpus=["H200"]))
        elif what == "instructions":
            monkeypatch.setattr(fingerprints, "instructions", lambda: {"fpu", "avx", "avx9000"})
        elif what == "cores":
            monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(99)), raising=False)
        elif what == "devices":
            together = SimpleNamespace(facts=lambda: {"devices": 2, "processes": 1})
            monkeypatch.setitem(sys.modules, "openfer.training.devices", together)
        elif what == "processor":
            monkeypatch.setattr("platform.machine", lambda: "riscv64")
        else:
            monkeypatch.setenv(what, "1")

    for name in fingerprints.SETTINGS:
        monkeypatch.delenv(name, raising=False)
    return changed


MACHINE = (
    "python",
    "keras",
    "numpy",
    "backend",
    "version of the backend",
    "cores",
    "devices",
    "a GPU",
    "processor",
    "instructions",
    *fingerprints.SETTINGS,
)


@pytest.mark.parametrize("what", MACHINE)
def test_a_checkpoint_of_other_versions_threads_or_backend_is_not_resumed(machine, what, tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", os.fspath(tmp_path))
    Checkpoints(paths.checkpoint_folder("cnn", fingerprint(PARAMS, INPUTS))).save(1, {})
    assert Checkpoints(paths.checkpoint_folder("cnn", fingerprint(PARAMS, INPUTS))).latest() is not None
    machine(what)
    assert Checkpoints(paths.checkpoint_folder("cnn", fingerprint(PARAMS, INPUTS))).latest() is None


# --- code ---


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    for name in ("baselines", "openfer", "pipeline"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.onnx", "*.keras"))
    (folder / "stages").mkdir()
    (folder / "stages" / "work.py").write_text(STAGE, encoding="utf-8")
    (folder / "openfer" / "used.py").write_text(USED, encoding="utf-8")
    return folder


def run(project, *modules: str) -> str:
    command = [sys.executable, "-B", "-m", "stages.work", *modules]
    return subprocess.run(command, cwd=project, check=True, capture_output=True, text=True).stdout


def run_after(project, name: str, new: str, *modules: str, old: str = "") -> str:
    """Run the stage with a text of one file replaced, or added where there is no old one, then undo it."""
    file = project / name
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new) if old else f"{content}{new}\n", encoding="utf-8")
    try:
        return run(project, *modules)
    finally:
        file.write_text(content, encoding="utf-8")


@pytest.fixture(scope="module")
def unedited(project):
    return run(project)


def test_it_is_the_same_in_another_process_and_another_folder(project, unedited, tmp_path):
    elsewhere = shutil.copytree(project, tmp_path / "elsewhere")
    assert run(elsewhere) == unedited


@pytest.mark.parametrize("name", ["openfer/used.py", "openfer/emotions.py", "stages/work.py"])
def test_it_changes_with_what_the_code_in_use_does(project, unedited, name):
    assert run_after(project, name, "EDITED = 1") != unedited


@pytest.mark.parametrize(("old", "new"), [("", "# a comment"), ("of something", "of all"), ("A module that", "What")])
def test_a_comment_in_the_library_throws_no_half_finished_training_away(project, unedited, old, new):
    assert run_after(project, "openfer/used.py", new, old=old) == unedited


@pytest.mark.parametrize("name", ["openfer/evaluation/figures/learning_curves.py", "pipeline/paths.py"])
def test_it_does_not_change_with_a_module_that_is_not_in_use_or_only_tells(project, unedited, name):
    assert run_after(project, name, "EDITED = 1") == unedited


def test_it_changes_with_a_module_that_is_imported_only_later(project):
    late, name = "openfer.networks.settings", "openfer/networks/settings.py"
    assert run_after(project, name, "EDITED = 1", late) != run(project, late)


# --- modules that a host of a cluster imports ---

ELSEWHERE = """
import sys, stages.train
from pipeline import backend, fingerprint

LATE = ["openfer.training.model", "openfer.networks.cnn", "openfer.networks.storage"]
backend.choose("tensorflow")

def ask(modules):
    assert modules == LATE
    return {answer}

print(fingerprint.fingerprint({{}}, {{}}, LATE, ask), "keras" in sys.modules)
print((fingerprint.imported(), fingerprint.software()))
"""


def asked(answer: str) -> list[str]:
    command = [sys.executable, "-c", ELSEWHERE.format(answer=answer)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()


def test_it_is_the_same_where_a_host_imports_keras_and_it_alone_does():
    mark, answer = asked("None")
    assert mark.endswith(" True")
    assert asked(answer)[0] == mark.replace("True", "False")


def test_a_host_is_asked_for_what_is_not_imported_here_alone():
    def ask(modules):
        return [], {"a library": "1.0"}

    alone = fingerprint(PARAMS, INPUTS, ["json.tool"])
    assert fingerprint(PARAMS, INPUTS, ["json.tool"], ask) == alone
    sys.modules.pop("json.tool")
    assert fingerprint(PARAMS, INPUTS, ["json.tool"], ask) != alone
    assert "json.tool" not in sys.modules
