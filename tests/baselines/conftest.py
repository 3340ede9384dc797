"""A finished run of the published systems on the drawn sample: some by DVC, some in this process, some stood in for."""

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

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
"""Systems that DVC makes → kind of stage; others are made by the same code without a process each."""

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


TRAINED = (
    *("reference_cnn", "reference_cnn-sift", "reference_vgg-dsift", "shallow", "deep", "model_a_plain-landmarks"),
    *("model_b", "model_b-landmarks_sliding_hog", "vgg_like", "mini_xception"),
)
"""Networks that are trained in this process: each module of baselines/networks, with features and without."""


@pytest.fixture(scope="session")
def baselines(tmp_path_factory) -> Project:
    """The project with all systems evaluated on both splits; of alike networks one is trained and stands for all."""
    project = begun(tmp_path_factory.mktemp("baselines") / "project")
    project.run("dvc", "repro", "--single-item", *stages(), "baselines/report/dvc.yaml:predict@blog")
    with in_this_process(project.folder):
        make([name for name in SYSTEMS if name in (*TRAINED, *SVMS, *BY_DVC)])
        for name in NETWORKS:
            stand_in(name)
        score()
    return project


def begun(folder: Path) -> Project:
    """A project with faces and features, under parameters that take seconds."""
    project = new_project(folder)
    set_params(project.folder / "baselines" / "params.yaml", TINY)
    project.run("dvc", "repro", "ingest")
    write_features(project)
    return project


@contextlib.contextmanager
def in_this_process(folder: Path) -> Iterator[None]:
    """Be in the folder of a project, with no store of MLflow."""
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.tracking.Child", NoStore)
        patch.delenv("DVC_ROOT", raising=False)
        yield


def make(names: Iterable[str]) -> None:
    """Train or fit, and predict both splits; what is there is left."""
    import keras

    from baselines import fit, join, predict, train

    join.main("landmarks_sliding_hog")
    for name in names:
        if not paths.probabilities_path(paths.BASELINES, name).exists():
            (fit if name in SVMS else train).main(name)
            predict.main(PUBLIC_TEST, paths.BASELINES, name)
        if not paths.probabilities_path(paths.PRIVATE_BASELINES, name).exists():
            predict.main(PRIVATE_TEST, paths.PRIVATE_BASELINES, name)
        keras.backend.clear_session()


def stand_in(name: str) -> None:
    """Give a network that was not trained what one of its kind has answered."""
    kin = next(one for one in (*TRAINED, *BY_DVC) if SYSTEMS[one].network == SYSTEMS[name].network)
    places = [partial(paths.probabilities_path, folder) for folder in (paths.BASELINES, paths.PRIVATE_BASELINES)]
    for place in (*places, lambda one: paths.history_path(f"baselines/{one}")):
        if not place(name).exists():
            shutil.copy(place(kin), place(name))


def score() -> None:
    """Evaluate in this process."""
    from baselines import evaluate, sizes
    from baselines.report import evaluate as private

    sizes.main()
    evaluate.main()
    private.main()
