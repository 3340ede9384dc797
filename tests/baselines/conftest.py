"""A finished run of the published systems on the drawn sample: one of each kind by DVC, the others in this process."""

import contextlib

import numpy as np
import pytest

from baselines import LENGTHS, NETWORKS, SVMS, SYSTEMS
from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST
from pipeline import paths
from sample.demo import set_params
from tests.conftest import NoStore, Project, new_project

TINY = {"train.width": 0.02, "train.precision": "float32"}
TINY |= {f"{network}.epochs": 1 for network in {SYSTEMS[name].network for name in NETWORKS}}
TINY |= {f"{network}.batch_size": 32 for network in {SYSTEMS[name].network for name in NETWORKS}}
"""Parameters under which a network takes seconds."""

BY_DVC = {"blog": "train", "model_a-landmarks_hog": "train_described", "svm-hog": "svm"}
"""Systems that DVC makes → kind of stage; the others are made by the same code without a process each."""

PREDICTS = {"train": "predict", "train_described": "predict_described", "svm": "predict_svm"}


def write_features(project: Project) -> None:
    """Write features of noise that knows something of the label; the pipeline of features has tests of its own."""
    labels, rng = np.load(project.folder / paths.LABELS), np.random.default_rng(1)
    for name in ("landmarks", "hog", "sliding_hog", "sift", "dsift"):
        values = rng.random((len(labels), LENGTHS[name]), dtype=np.float32) + labels[:, None] * np.float32(0.1)
        path = project.folder / paths.feature_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, values)


def stages() -> list[str]:
    """Return the stages that DVC runs, in order."""
    made = [(f"{kind}@{name}", f"{PREDICTS[kind]}@{name}") for name, kind in BY_DVC.items()]
    return [f"baselines/dvc.yaml:{stage}" for stage in ("join@landmarks_hog", *(one for pair in made for one in pair))]


@pytest.fixture(scope="session")
def baselines(tmp_path_factory) -> Project:
    """The project with all systems trained, predicted and evaluated on both splits."""
    project = new_project(tmp_path_factory.mktemp("baselines") / "project")
    set_params(project.folder / "baselines" / "params.yaml", TINY)
    project.run("dvc", "repro", "ingest")
    write_features(project)
    project.run("dvc", "repro", "--single-item", *stages(), "baselines/report/dvc.yaml:predict@blog")
    with contextlib.chdir(project.folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.tracking.Child", NoStore)
        patch.delenv("DVC_ROOT", raising=False)
        make_the_rest()
    return project


def make_the_rest() -> None:
    """Train, fit, predict and evaluate in this process, in the folder of the project."""
    import keras

    from baselines import evaluate, fit, join, predict, sizes, train
    from baselines.report import evaluate as private

    join.main("landmarks_sliding_hog")
    for name in SYSTEMS:
        if name not in BY_DVC:
            (fit if name in SVMS else train).main(name)
            predict.main(PUBLIC_TEST, paths.BASELINES, name)
        if name != "blog":
            predict.main(PRIVATE_TEST, paths.PRIVATE_BASELINES, name)
        keras.backend.clear_session()
    sizes.main()
    evaluate.main()
    private.main()
