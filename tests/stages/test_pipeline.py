"""dvc.yaml keeps its promises: exact dependencies, exact parameters, and only what must run again does."""

import dataclasses
import importlib
import json
import re
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo
from networkx import ancestors

from openfer import files as artifacts
from openfer import networks
from openfer.evaluation.ensemble import MODELS
from pipeline.params import flatten, keys
from tests.imports import ROOT, closure

TRAININGS = {"train@cnn", "train@vgg", *(f"train_fused@{n}-{d}" for n in ("cnn", "vgg") for d in ("sift", "dsift"))}
SIFT_TRAININGS = {"train_fused@cnn-sift", "train_fused@vgg-sift"}
VGG_TRAININGS = {name for name in TRAININGS if "vgg" in name}


def with_users(trainings: set[str]) -> set[str]:
    """Trainings and what always runs after them."""
    return trainings | {name.replace("train", "predict") for name in trainings} | {"evaluate", "export"}


def all_stages() -> list:
    with Repo(str(ROOT)) as repo:
        return [stage for stage in repo.index.stages if getattr(stage, "cmd", None)]


STAGES = {stage.name: stage for stage in all_stages()}


def script(stage) -> str:
    """The file that `python -m a.b …` runs."""
    return re.match(r"python -m ([\w.]+)", stage.cmd)[1].replace(".", "/") + ".py"


def paths(outputs) -> set[str]:
    return {str(Path(output.fs_path).relative_to(ROOT)) for output in outputs}


def trained(stage) -> dict[str, str]:
    """The network, and for a hybrid the descriptor, that a training is about."""
    words = re.match(r"python -m stages.train (.*)", stage.cmd)
    return dict(zip(("network", "descriptor"), words[1].split(), strict=False)) if words else {}


@pytest.mark.parametrize("name", STAGES)
def test_declared_code_is_exactly_what_the_stage_imports(name):
    stage = STAGES[name]
    declared = {path for path in paths(stage.deps) if path.endswith(".py")}
    modules = {"network": trained(stage).get("network"), "descriptor": "fusion"}
    by_name = {f"openfer/networks/{modules[part]}.py" for part in trained(stage)}
    by_name |= {"openfer/export/mlflow_model.py"} if name == "export" else set()  # MLflow runs it
    assert declared == closure(script(stage)) | by_name


@pytest.mark.parametrize("name", [name for name in STAGES if name != "draw"])
def test_declared_parameters_are_exactly_those_the_stage_reads(name):
    stage = STAGES[name]
    module = importlib.import_module(script(stage).removesuffix(".py").replace("/", "."))
    schemas = [value for value in vars(module).values() if dataclasses.is_dataclass(value) and _is_schema(value)]
    schemas += networks.schemas(trained(stage).get("descriptor")) if trained(stage) else []
    read = {key for schema in schemas for key in keys(schema, **trained(stage))}
    declared = {key for dep in stage.deps for key in getattr(dep, "params", [])}
    assert declared == read


def _is_schema(value: type) -> bool:
    return all("key" in field.metadata for field in dataclasses.fields(value))


def test_every_parameter_is_declared_by_a_stage():
    leaves = {key for key, _ in flatten(yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8")))}
    assert leaves == {key for stage in STAGES.values() for dep in stage.deps for key in getattr(dep, "params", [])} - {
        "blends",
        "faces_per_class.Training",
        "faces_per_class.PublicTest",
        "faces_per_class.PrivateTest",
    }


def test_every_stage_says_what_it_does():
    assert all(stage.desc for stage in STAGES.values())


def test_outputs_are_where_the_library_looks_for_them():
    outs = {name: paths(stage.outs) for name, stage in STAGES.items()}
    assert {str(artifacts.IMAGES), str(artifacts.LABELS), str(artifacts.SPLIT)} <= outs["ingest"]
    assert outs["dsift"] == {str(artifacts.descriptor_path("dsift"))}
    assert outs["sift_histograms"] == {str(artifacts.descriptor_path("sift"))}
    for model in MODELS:
        (training,) = [name for name in TRAININGS if str(artifacts.model_path(model)) in outs[name]]
        assert outs[training.replace("train", "predict")] == {str(artifacts.probabilities_path(model))}


def test_evaluation_depends_on_each_model_by_itself_and_on_no_folder():
    deps = paths(STAGES["evaluate"].deps)
    assert {str(artifacts.probabilities_path(model)) for model in MODELS} <= deps
    assert all(Path(path).suffix for path in deps)


def test_private_test_is_scored_by_evaluate_alone():
    users = {
        name for name, stage in STAGES.items() if "PRIVATE_TEST" in (ROOT / script(stage)).read_text(encoding="utf-8")
    }
    assert users == {"evaluate"}


def would_run(project) -> set[str]:
    """The stages that `dvc repro --dry` finds stale, and all that depend on them."""
    stale = set(re.findall(r"Running stage '([^']+)'", project.run("dvc", "repro", "--dry")))
    with Repo(str(project.folder)) as repo:
        graph = repo.index.graph
        users = {stage.name: {user.name for user in ancestors(graph, stage)} for stage in graph}
    return stale.union(*(users[name] for name in stale))


@pytest.fixture
def edit(finished):
    """Change a file of the finished project and put it back afterwards."""
    originals = {}

    def change(name: str, old: str, new: str) -> None:
        path = finished.folder / name
        text = path.read_text(encoding="utf-8")
        originals.setdefault(path, text)
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    yield change
    for path, text in originals.items():
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def mended(finished):
    """Bring the finished project's outputs back to its parameters after a test that really runs stages."""
    yield
    finished.run("dvc", "repro")


def test_second_repro_runs_nothing(finished):
    assert "Running stage" not in finished.run("dvc", "repro")


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("params.yaml", "epochs: 1", "epochs: 2", with_users(TRAININGS)),
        (
            "params.yaml",
            "vocabulary_size: 32",
            "vocabulary_size: 33",
            {"sift_vocabulary", "sift_histograms"} | with_users(SIFT_TRAININGS),
        ),
        ("openfer/networks/vgg.py", "VGG:", "VGG :", with_users(VGG_TRAININGS)),
        (
            "openfer/networks/fusion.py",
            "Fusion of",
            "The fusion of",
            with_users({name for name in TRAININGS if "fused" in name}),
        ),
        (
            "openfer/prediction/predict.py",
            "Probabilities of",
            "The probabilities of",
            with_users(TRAININGS),
        ),
        ("stages/predict.py", "Ask a", "Ask the", with_users(TRAININGS) - TRAININGS),
        ("params.yaml", "seed:", "# a comment\nseed:", set()),
        (
            "params.yaml",
            "normalisation: rootsift",
            "normalisation: l2",
            {"dsift"} | with_users({"train_fused@cnn-dsift", "train_fused@vgg-dsift"}),
        ),
        ("stages/evaluate.py", "Evaluate", "Assess", {"evaluate", "export"}),
        ("openfer/evaluation/figures/learning_curves.py", "The picture", "A picture", {"evaluate", "export"}),
        ("stages/export.py", "Export", "Write", {"export"}),
    ],
)
def test_change_runs_again_what_depends_on_it_and_nothing_else(finished, edit, file, old, new, expected):
    edit(file, old, new)
    assert would_run(finished) == expected


def test_another_vocabulary_really_runs_what_depends_on_it_and_the_way_back_trains_nothing(finished, mended, edit):
    edit("params.yaml", "vocabulary_size: 32", "vocabulary_size: 33")
    ran = re.findall(r"Running stage '([^']+)'", finished.run("dvc", "repro"))
    assert set(ran) == {"sift_vocabulary", "sift_histograms"} | with_users(SIFT_TRAININGS)
    edit("params.yaml", "vocabulary_size: 33", "vocabulary_size: 32")
    ran = re.findall(r"Running stage '([^']+)'", finished.run("dvc", "repro"))
    assert set(ran) == with_users(SIFT_TRAININGS) - SIFT_TRAININGS
    assert finished.lock() == finished.first_lock


def test_sample_pipeline_leaves_figures_for_every_model_and_ensemble(finished):
    evaluation = json.loads((finished.folder / artifacts.EVALUATION).read_text(encoding="utf-8"))
    assert evaluation["protocol"] == "not the official FER2013 split"
    assert len(evaluation["PublicTest"]) == len(evaluation["PrivateTest"]) == 13
    rows = artifacts.load_csv(finished.folder / artifacts.predictions_path("PrivateTest"))
    assert len(rows) == 56
    accuracy = sum(row["all"] == row["actual"] for row in rows) / len(rows)
    assert accuracy == pytest.approx(evaluation["PrivateTest"]["all"]["accuracy"])


def test_every_training_is_a_tracked_run_named_after_its_stage(finished):
    import mlflow

    client = mlflow.MlflowClient(f"sqlite:///{finished.folder / 'mlflow.db'}")
    (experiment,) = [found for found in client.search_experiments() if found.name == "fer2013"]
    runs = [run for run in client.search_runs([experiment.experiment_id]) if run.info.run_name in TRAININGS]
    assert {run.info.run_name for run in runs} == TRAININGS
    assert all(run.data.params["train.epochs"] == "1" for run in runs)
    assert all(f"networks.{run.info.run_name.split('@')[1][:3]}.width" in run.data.params for run in runs)
    assert all("sha256 data/faces/images.npy" in run.data.tags for run in runs)


def test_bad_row_stops_with_one_line_and_the_good_outputs_can_be_restored(finished, mended, edit):
    rows = (finished.folder / "sample" / "fer2013.csv").read_text(encoding="utf-8").splitlines()
    rows[3] = rows[3].replace(" ", " 256 ", 1)
    (finished.folder / "faces.csv").write_text("\n".join(rows), encoding="utf-8")
    edit("params.yaml", "sample/fer2013.csv", "faces.csv")
    printed = finished.run("dvc", "repro", "ingest", check=False)
    assert "ingest: faces.csv, line 4: column pixels, number 2" in printed
    assert "failed to reproduce 'ingest'" in printed
    outputs = (artifacts.IMAGES, artifacts.LABELS, artifacts.SPLIT, artifacts.DATA_REPORT, artifacts.DATA_SAMPLES)
    assert not any((finished.folder / path).exists() for path in outputs)
    edit("params.yaml", "faces.csv", "sample/fer2013.csv")
    finished.run("dvc", "checkout", "ingest")
    assert (finished.folder / artifacts.IMAGES).exists()


def test_missing_data_says_where_to_get_it_and_what_works_without(finished, edit):
    edit("params.yaml", "sample/fer2013.csv", "data/fer2013.csv")
    printed = finished.run("dvc", "repro", "ingest", check=False)
    assert "data/fer2013.csv is missing. Get fer2013.csv or icml_face_data.csv from" in printed
    assert "make demo" in printed
