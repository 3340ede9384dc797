"""train.backend: the GPU command of the README ends well, from a training under JAX to an exported folder."""

import importlib.util

import numpy as np
import pytest

from openfer.emotions import PUBLIC_TEST
from openfer.export.model_folder import ExportedModel
from pipeline import paths
from sample.demo import set_params

MODEL = "vgg"


@pytest.fixture(scope="module")
def exported(finished, tmp_path_factory):
    """The project after a training under JAX and the stages that follow it; what each printed."""
    if importlib.util.find_spec("jax") is None:
        pytest.skip("jax is not installed")
    project = finished.copy(tmp_path_factory.mktemp("jax") / "project", ".dvc", "mlruns", "mlflow.db", "exported")
    set_params(project.folder / "params.yaml", {"train.backend": "jax"})
    # The variable of Keras does not decide.
    printed = [project.run("stages.train", MODEL, KERAS_BACKEND="torch")]
    printed += [project.run(f"stages.{stage}", MODEL) for stage in ("predict", "evaluate", "export")]
    return project, printed


@pytest.mark.slow
def test_a_network_trained_under_jax_is_another_and_is_exported(finished, exported):
    project, _ = exported
    first, second = ((one.folder / paths.model_path(MODEL)).read_bytes() for one in (finished, project))
    assert first != second
    split = np.load(project.folder / paths.SPLIT)
    faces = np.load(project.folder / paths.IMAGES)[split == PUBLIC_TEST]
    model = ExportedModel.load(project.folder / paths.exported_path(MODEL))
    np.testing.assert_allclose(model.predict(faces).sum(axis=1), 1, atol=1e-6)


def test_a_backend_that_is_not_installed_is_one_line(finished, tmp_path):
    if importlib.util.find_spec("torch") is not None:
        pytest.skip("torch is installed")
    project = finished.copy(tmp_path / "project", ".dvc", "mlruns", "mlflow.db", "exported")
    set_params(project.folder / "params.yaml", {"train.backend": "torch"})
    printed = project.run("stages.train", MODEL, check=False)
    assert printed.count("\n") == 1
    assert printed.startswith("train: train.backend is torch, which is not installed")
