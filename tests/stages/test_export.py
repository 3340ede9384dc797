"""The stage export: folders that say what the networks say, cards with the pipeline's figures, a served ensemble."""

import re

import numpy as np
import pytest

from openfer import files
from openfer.data.duplicates import is_duplicate
from openfer.emotions import PUBLIC_TEST, TRAINING
from openfer.evaluation.ensemble import ENSEMBLES, MODELS
from openfer.export.calibration import calibrate
from openfer.export.model_folder import ExportedModel
from openfer.prediction.crops import TEN
from openfer.prediction.probabilities import columns, read
from pipeline import paths
from tests.servers import invoke, served_model


@pytest.fixture(scope="module")
def exported(finished):
    """All exported models."""
    return {name: ExportedModel.load(finished.folder / paths.exported_path(name)) for name in (*MODELS, *ENSEMBLES)}


def arrays(finished) -> tuple[np.ndarray, ...]:
    return tuple(np.load(finished.folder / path) for path in (paths.IMAGES, paths.LABELS, paths.SPLIT))


@pytest.mark.parametrize("name", MODELS)
def test_ten_crops_by_an_exported_model_give_the_probabilities_that_git_keeps(finished, exported, name):
    images, _, split = arrays(finished)
    path = finished.folder / paths.probabilities_path(paths.METRICS, name)
    public = split == PUBLIC_TEST
    kept = read(files.load_csv(path, columns()), np.flatnonzero(public), str(path))
    np.testing.assert_allclose(exported[name].uncalibrated(images[public], TEN), kept.averaged, atol=1e-3)


def test_an_exported_ensemble_is_the_mean_of_its_members(exported):
    faces = np.random.default_rng(0).integers(0, 256, (4, 48, 48), np.uint8)
    found = {name: model.uncalibrated(faces) for name, model in exported.items()}
    for ensemble, (_, members) in ENSEMBLES.items():
        np.testing.assert_allclose(found[ensemble], np.mean([found[one] for one in members], axis=0), atol=1e-5)


def test_a_model_names_the_networks_that_it_is_made_of_with_the_md5_of_dvc(finished, exported):
    lock = finished.lock()
    for name, model in exported.items():
        assert len(model.facts["provenance"]) == len(ENSEMBLES[name][1] if name in ENSEMBLES else [name])
        for path, md5 in model.facts["provenance"].items():
            assert f"path: {path}\n      hash: md5\n      md5: {md5}" in lock


def test_temperature_and_threshold_are_fitted_on_public_test_without_duplicates(finished, exported):
    images, labels, split = arrays(finished)
    rows = np.flatnonzero(split == PUBLIC_TEST)
    rows = rows[~is_duplicate(images[rows], images[split == TRAINING])]
    for model in exported.values():
        fitted = calibrate(model.uncalibrated(images[rows]), labels[rows], 0.8, model.facts["prior"])
        assert {key: model.facts[key] for key in fitted} == pytest.approx(fitted)


def test_an_export_that_does_not_say_what_the_network_says_is_refused(finished, tmp_path):
    project = finished.copy(tmp_path / "project", ".dvc", "mlruns", "mlflow.db")
    conversion = project.folder / "openfer" / "export" / "conversion.py"
    text = conversion.read_text(encoding="utf-8")
    conversion.write_text(text.replace("(-mean * scale).tolist()", "(0 * mean).tolist()"), encoding="utf-8")
    printed = project.run("stages.export", check=False)
    assert "a probability of the exported model differs by" in printed
    assert "Traceback" not in printed


def test_a_card_of_the_export_has_the_figures_of_public_test_and_none_of_private_test(finished):
    public, private = (
        files.load_json(finished.folder / paths.evaluation_path(folder))["systems"]
        for folder in (paths.METRICS, paths.PRIVATE_TEST)
    )
    for name in (*MODELS, *ENSEMBLES):
        exported = (finished.folder / paths.exported_path(name) / "README.md").read_text(encoding="utf-8")
        report = (finished.folder / paths.CARDS / f"{name}.md").read_text(encoding="utf-8")
        assert "PrivateTest" not in exported
        assert f"{public[name]['accuracy']:.2%}" in exported
        figures = [line for line in report.splitlines() if line.startswith("| accuracy, ten crops")]
        assert re.findall(r"[\d.]+%", figures[0]) == [f"{scores[name]['accuracy']:.2%}" for scores in (public, private)]


def test_the_ensemble_of_all_six_is_registered_and_can_be_served(finished):
    """Faces as FER2013 has them, to the server that the README starts."""
    images, _, split = arrays(finished)
    faces = images[split == PUBLIC_TEST][:3]
    with served_model("fer2013-all", f"sqlite:///{finished.folder / 'mlflow.db'}", finished.folder) as server:
        status, answer = invoke(server, {"inputs": faces.tolist(), "params": {"crop": True}})
    assert status == 200
    served = [list(one["faces"][0]["probabilities"].values()) for one in answer["predictions"]]
    expected = ExportedModel.load(finished.folder / paths.exported_path("all")).predict(faces)
    np.testing.assert_allclose(served, expected, atol=1e-4)
