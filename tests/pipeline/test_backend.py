"""The backend of Keras comes from params.yaml and from nowhere else."""

import subprocess
import sys

import pytest

from pipeline import backend
from pipeline.backend import BackendError, choose
from tests.imports import ROOT


def run(code: str, **environment: str) -> str:
    """What a new process prints of Keras, in an environment that names another backend."""
    command = [sys.executable, "-c", f"from pipeline.backend import choose\n{code}"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "KERAS_BACKEND": "torch"} | environment
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_params_win_over_the_environment():
    assert run("choose('tensorflow')\nimport keras\nprint(keras.backend.backend())") == "tensorflow\n"


def test_a_backend_that_is_not_installed_is_one_line(monkeypatch):
    monkeypatch.setattr(backend.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BackendError) as caught:
        choose("jax")
    assert str(caught.value) == (
        "train.backend is jax, which is not installed: pip install jax for your machine, "
        "or set train.backend: tensorflow"
    )


def test_keras_cannot_change_its_backend_once_it_is_imported():
    code = "choose('jax')\nimport keras\nchoose('jax')\ntry: choose('tensorflow')\nexcept RuntimeError as e: print(e)"
    assert run(code) == "Keras runs on jax already, not on tensorflow\n"


def test_the_user_may_ask_for_more_of_what_tensorflow_logs():
    code = "import os\nchoose('tensorflow')\nprint(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    assert run(code) == "3\n"
    assert run(code, TF_CPP_MIN_LOG_LEVEL="0") == "0\n"
