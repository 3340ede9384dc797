"""The README says what the project does: its table, its graph and its commands."""

import re
import shlex
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from docs.pictures import write_film
from docs.readme import GPU, documents, filled
from openfer import MODEL
from openfer.app.cli import main, parser
from openfer.networks.storage import load_network
from pipeline import paths
from sample.demo import set_params
from tests.export.models import write_model
from tests.imports import ROOT
from tests.photos import astronaut

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_tables_and_graph_are_those_of_the_files_and_the_pipeline(monkeypatch):
    monkeypatch.chdir(ROOT)
    for document, contents in documents().items():
        text = document.read_text(encoding="utf-8")
        assert filled(text, contents) == text, "run `make readme`"


def test_the_head_rows_of_the_published_systems_have_their_place_before_they_are_there():
    assert "head rows" in filled(README, {"baselines": "head rows"})


def test_files_that_the_readme_names_exist():
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / path).exists(), path


def test_make_targets_that_the_readme_names_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", README)) <= targets


def test_modules_that_the_readme_runs_exist():
    for module in re.findall(r"python -m ([\w.]+)", README):
        if module.split(".")[0] in ("openfer", "stages", "report", "docs", "benchmarks", "tests", "pipeline", "sample"):
            path = ROOT / module.replace(".", "/")
            assert path.with_suffix(".py").exists() or (path / "__init__.py").exists(), module


def test_what_the_readme_shows_of_the_terminal_fits_100_columns():
    shown = re.findall(r"```(?:console|mermaid)\n(.*?)```", README, re.DOTALL)
    assert [line for block in shown for line in block.splitlines() if len(line) > 100] == []


def test_parameters_that_the_readme_sets_exist():
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for key in re.findall(r"-S '?([\w.]+)=", README):
        section = params
        for part in key.split("."):
            assert part in section, key
            section = section[part]


def test_the_experiment_for_a_gpu_is_the_one_that_was_run(tmp_path):
    (command,) = re.findall(r"--name gpu (.*?)\n```", README, re.DOTALL)
    settings = {key: yaml.safe_load(value) for key, value in re.findall(r"-S ([\w.]+)=(\S+)", command)}
    params = Path(shutil.copy(ROOT / "params.yaml", tmp_path))
    set_params(params, settings)
    ran = yaml.safe_load((ROOT / GPU / "params.yaml").read_text(encoding="utf-8"))
    here = yaml.safe_load(params.read_text(encoding="utf-8"))
    for key, value in here.pop("hybrids").items():  # which were no exception then, and there was no ResNet
        assert all(value == section[key] for section in (ran["train"], *ran["networks"].values()) if key in section), (
            key
        )
    del here["networks"]["resnet"]
    assert here == ran


PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
PROGRAM = re.findall(r"^openfer (.*?) *(?:#.*)?$", README, re.MULTILINE)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with the files that the README's commands name, and the model that is part of the repository."""
    folder = tmp_path_factory.mktemp("files")
    for name in ("holiday", "examples"):
        (folder / name).mkdir()
    for name in ("portrait.jpg", "holiday/one.jpg", "crop.png", "examples/portrait.jpg"):
        cv2.imwrite(str(folder / name), astronaut()[..., ::-1])
    write_film(folder / "film.mp4")
    write_model(folder / "exported" / "vgg", emotions=["angry", "happy", "sad", "surprise", "neutral"])
    (folder / "films").mkdir()
    shutil.copy(folder / "film.mp4", folder / "films" / "one.mp4")
    shutil.copytree(MODEL, folder / paths.TRANSFER_EXPORTED)  # in place of one's own
    return folder


@pytest.mark.parametrize("command", PROGRAM)
def test_commands_of_the_program_are_understood_and_those_that_end_by_themselves_work(command, files, monkeypatch):
    monkeypatch.chdir(files)
    words = shlex.split(command)
    parser().parse_args(words)
    if words[0] in ("photo", "video") and "ray" not in words:  # those are run in tests/app/scale
        assert main(words) == 0


@pytest.mark.parametrize("code", [block for block in PYTHON if "Recognizer" in block], ids=["first minute", "more"])
def test_the_python_of_the_readme_finds_a_happy_astronaut(code, files, monkeypatch, capsys):
    monkeypatch.chdir(files)
    exec(code, {})
    assert capsys.readouterr().out.startswith("happy False")


def test_a_litert_file_says_what_the_network_says(finished, tmp_path, monkeypatch):
    """The call of the README."""
    (tmp_path / "models").symlink_to(finished.folder / "models")
    monkeypatch.chdir(tmp_path)
    (code,) = [block for block in PYTHON if "litert" in block]
    exec(code, {})
    import tensorflow as tf

    interpreter = tf.lite.Interpreter("vgg.tflite")
    interpreter.allocate_tensors()
    face = np.random.default_rng(0).integers(0, 256, (1, 48, 48, 1)).astype(np.float32)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], face)
    interpreter.invoke()
    found = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    expected = load_network(finished.folder / paths.model_path("vgg")).predict(face, verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-4)
