"""PrivateTest changes nothing that is learned, chosen or written by dvc.yaml: the stages hold to the protocol."""

import numpy as np
import pytest

from openfer import files
from openfer.data.duplicates import is_duplicate
from openfer.descriptors import histograms
from openfer.emotions import PRIVATE_TEST, TRAINING
from openfer.evaluation.calibration import temperature
from openfer.evaluation.ensemble import ENSEMBLES, MODELS, systems
from openfer.prediction import probabilities
from pipeline import paths

AGAIN = """
from openfer.emotions import PUBLIC_TEST
from openfer.evaluation.ensemble import SYSTEMS
from pipeline import paths
from stages import dsift, evaluate, export, predict, sift_histograms, sift_keypoints, sift_vocabulary, train

sift_keypoints.main()
sift_vocabulary.main()
sift_histograms.main()
dsift.main()
train.main("cnn", "sift")
train.main("vgg", "dsift")
predict.main(PUBLIC_TEST, paths.METRICS)
evaluate.main()
export.main(SYSTEMS)
"""
"""Every stage after ingest, and two of the seven trainings, in one process."""

RETRAINED = ("cnn-sift", "vgg-dsift")


def array(project, path) -> np.ndarray:
    return np.load(project.folder / path)


def replaced(private: np.ndarray) -> np.ndarray:
    """The faces that are replaced: visual words are found in one matrix product for 64 faces, which round together, so
    those that share one with faces of other splits stay."""
    products = np.arange(len(private)) // histograms.FACES
    return private & ~np.isin(products, products[~private])


@pytest.fixture(scope="module")
def other(finished, tmp_path_factory):
    """The project after everything ran again on data whose PrivateTest part was replaced."""
    project = finished.copy(tmp_path_factory.mktemp("private") / "project", ".dvc", "mlflow.db", "mlruns")
    private = array(project, paths.SPLIT) == PRIVATE_TEST
    images, labels = array(project, paths.IMAGES), array(project, paths.LABELS)
    labels[private] = (labels[private] + 1) % 7
    images[replaced(private)] = 255 - images[replaced(private)] // 2
    for path, content in ((paths.IMAGES, images), (paths.LABELS, labels)):
        (project.folder / path).unlink()
        np.save(project.folder / path, content)
    for model in RETRAINED:
        (project.folder / paths.model_path(model)).unlink()
    (project.folder / "again.py").write_text(AGAIN, encoding="utf-8")
    project.run("again")
    return project


def test_other_faces_in_private_test_change_no_byte_of_what_is_learned_chosen_and_written(finished, other):
    folders = ("models", "exported", "metrics")
    written = {
        str(path.relative_to(finished.folder))
        for folder in folders
        for path in (finished.folder / folder).rglob("*")
        if path.is_file() and path.name != ".gitignore"
    }
    written = {path for path in written if not path.startswith((str(paths.PRIVATE_TEST), "metrics/data/"))}
    written.add(str(paths.SIFT_VOCABULARY))
    assert len(written) > 60
    differing = {
        path for path in written if (finished.folder / path).read_bytes() != (other.folder / path).read_bytes()
    }
    assert differing == set()


@pytest.mark.parametrize("descriptor", ["sift", "dsift"])
def test_descriptors_of_the_other_splits_stay_and_those_of_private_test_change(finished, other, descriptor):
    private = array(finished, paths.SPLIT) == PRIVATE_TEST
    first, second = (array(project, paths.descriptor_path(descriptor)) for project in (finished, other))
    np.testing.assert_array_equal(first[~private], second[~private])
    assert (first[replaced(private)] != second[replaced(private)]).any(axis=(1, 2)).mean() > 0.9


def test_the_tables_of_dvc_yaml_are_about_public_test_alone(finished):
    public = set(np.flatnonzero(array(finished, paths.SPLIT) == 1).tolist())
    for model in MODELS:
        rows = files.load_csv(finished.folder / paths.probabilities_path(paths.METRICS, model), ["row"])
        assert {int(row["row"]) for row in rows} == public
    rows = files.load_csv(finished.folder / paths.predictions_path(paths.METRICS), ["row"])
    assert {int(row["row"]) for row in rows} == public


def test_temperatures_of_both_splits_are_fitted_on_public_test_without_duplicates(finished):
    images, labels, split = (array(finished, path) for path in (paths.IMAGES, paths.LABELS, paths.SPLIT))
    rows = np.flatnonzero(split == 1)
    unique = ~is_duplicate(images[rows], images[split == TRAINING])
    tables = {}
    for model in MODELS:
        path = finished.folder / paths.probabilities_path(paths.METRICS, model)
        tables[model] = probabilities.read(files.load_csv(path, probabilities.columns()), rows, str(path)).averaged
    for name, values in systems(tables).items():
        fitted = temperature(values[unique], labels[rows][unique])
        for folder in (paths.METRICS, paths.PRIVATE_TEST):
            scores = files.load_json(finished.folder / paths.evaluation_path(folder))["systems"][name]
            assert scores["temperature"] == pytest.approx(fitted)


def test_the_best_member_is_that_of_public_test(finished):
    public = files.load_json(finished.folder / paths.evaluation_path(paths.METRICS))["systems"]
    tests = files.load_json(finished.folder / paths.COMPARISONS)["ensemble_against_best_member"]
    for name, (_, members) in ENSEMBLES.items():
        best = max(public[member]["accuracy"] for member in members)
        assert public[tests[name]["best_member"]]["accuracy"] == best


def test_the_sample_leaves_figures_for_every_model_and_ensemble_on_both_splits(finished):
    for folder in (paths.METRICS, paths.PRIVATE_TEST):
        evaluation = files.load_json(finished.folder / paths.evaluation_path(folder))
        assert evaluation["protocol"] == "not the official FER2013 split"
        assert evaluation["systems"].keys() == {*MODELS, *ENSEMBLES}
        rows = files.load_csv(finished.folder / paths.predictions_path(folder), ["actual", "all"])
        accuracy = sum(row["all"] == row["actual"] for row in rows) / len(rows)
        assert accuracy == pytest.approx(evaluation["systems"]["all"]["accuracy"])
        drawn = (finished.folder / paths.figures_folder(folder) / "confusion").glob("*.png")
        assert {path.stem for path in drawn} == {*MODELS, *ENSEMBLES}
