"""dvc.yaml keeps its promises: exact dependencies, exact parameters, and only what must run again does."""

import ast
import contextlib
import dataclasses
import functools
import re
from pathlib import Path

import pytest
from dvc.repo import Repo
from networkx import ancestors

from baselines import SYSTEMS
from openfer.evaluation.ensemble import MODELS
from openfer.training.settings import Hybrids
from pipeline import params, paths
from stages import code
from tests.imports import ROOT, closure

HYBRIDS = {f"train_fused@{network}-{descriptor}" for network in ("cnn", "vgg") for descriptor in ("sift", "dsift")}
TRAININGS = {"train@cnn", "train@vgg", "train@resnet"} | HYBRIDS
SIFT_TRAININGS = {"train_fused@cnn-sift", "train_fused@vgg-sift"}
VGG_TRAININGS = {name for name in TRAININGS if "vgg" in name}
USERS = {"predict", "evaluate", "export"}
"""What always runs after a training."""

PLUMBING = {
    "pipeline/": "paths, checks, tracking; how values are read, which are declared themselves",
    "stages/__init__.py": "how a stage ends, not what it writes",
    "openfer/errors.py": "the base of every error",
    "openfer/__init__.py": "settings of other libraries that tell or send, read before they are imported",
    "report/__init__.py": "a docstring",
    "transfer/__init__.py": "the name of a model, which the stages of dvc.yaml have, too",
    "baselines/report/__init__.py": "a docstring",
    "transfer/report/__init__.py": "a docstring",
}
"""Beginnings of the paths of code that cannot change a byte of an output, with the reason; no stage declares it."""

NAMES = {"crowd/__init__.py", "baselines/__init__.py"}
"""Tables of models: a stage that makes one depends on its name, which says all (tests/baselines/test_systems.py)."""

OF_ALL = ("evaluate", "export", "sizes")
"""Ends of the stages that are about all of them, and depend on the tables."""


def all_stages() -> list:
    with Repo(str(ROOT)) as repo:
        return [stage for stage in repo.index.stages if getattr(stage, "cmd", None)]


STAGES = {stage.addressing.removeprefix("./"): stage for stage in all_stages()}
MAIN = {name: stage for name, stage in STAGES.items() if ":" not in name}
"""The stages of dvc.yaml itself: what an experiment runs."""


def script(stage) -> str:
    """The file that `sh stages/run a.b …` runs."""
    return re.match(r"sh stages/run ([\w.]+)", stage.cmd)[1].replace(".", "/") + ".py"


def tree_of(file: str) -> ast.AST:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def paths_of(outputs) -> set[str]:
    return {str(Path(output.fs_path).relative_to(ROOT)) for output in outputs if not getattr(output, "params", None)}


def trained(stage) -> dict[str, str]:
    """The network, and for a hybrid the descriptor, that a training is about."""
    if published := re.match(r"sh stages/run baselines.train (.*)", stage.cmd):
        return {"network": SYSTEMS[published[1]].network}
    words = re.match(r"sh stages/run (?:stages|crowd).train (.*)", stage.cmd)
    return dict(zip(("network", "descriptor"), words[1].split(), strict=False)) if words else {}


def declared_code(stage) -> set[str]:
    prefix = f"{paths.CODE}/"
    return {path.removeprefix(prefix) for path in paths_of(stage.deps) if path.startswith(prefix)}


def imported_code(name: str) -> set[str]:
    """What can change the output of a stage: what it imports, and what it finds by name."""
    stage = STAGES[name]
    found = closure(script(stage), PLUMBING)
    for part, value in trained(stage).items():
        networks = "baselines/networks" if script(stage).startswith("baselines/") else "openfer/networks"
        found |= closure(f"{networks}/{value if part == 'network' else 'fusion'}.py", PLUMBING)
    if name == "search/dvc.yaml:train":
        found |= closure("openfer/networks/family.py", PLUMBING)
    if name == "baselines/dvc.yaml:sizes":
        found |= {f"baselines/networks/{system.network}.py" for system in SYSTEMS.values() if system.network != "svm"}
    if name.rpartition(":")[2] in ("predict", "export"):
        found |= {f"openfer/networks/{value}.py" for value in ("cnn", "vgg", "fusion", "build", "layers", "settings")}
    if not name.endswith(OF_ALL):
        found -= NAMES
    return {path for path in found if not path.startswith((*PLUMBING, "sample/"))}


@pytest.mark.parametrize("name", [name for name in STAGES if name != "code"])
def test_declared_code_holds_all_that_the_stage_imports(name):
    declared = declared_code(STAGES[name])
    missing = {file for file in imported_code(name) if not any(covers(path, file) for path in declared)}
    assert missing == set()


@pytest.mark.parametrize("name", [name for name in STAGES if name != "code"])
def test_no_code_is_declared_that_the_stage_does_not_import(name):
    imported = imported_code(name)
    needless = {path for path in declared_code(STAGES[name]) if not any(covers(path, file) for file in imported)}
    assert needless == set()


def covers(path: str, file: str) -> bool:
    return file == path or file.startswith(f"{path}/")


def test_declared_code_exists():
    for stage in STAGES.values():
        assert [path for path in declared_code(stage) if not (ROOT / path).exists()] == []


def test_the_stage_code_depends_on_all_code_that_stages_declare_and_on_nothing_that_it_writes():
    deps = paths_of(STAGES["code"].deps)
    for stage in STAGES.values():
        assert all(any(covers(dep, path) for dep in deps) for path in declared_code(stage))
    assert not any(path.endswith((".lock", ".yaml")) for path in deps)


@pytest.mark.parametrize("name", [name for name in STAGES if not name.startswith(("code", "data/", "sample/"))])
def test_declared_sections_and_versions_are_those_that_the_stage_reads(name):
    stage = STAGES[name]
    deps = [dep for dep in stage.deps if getattr(dep, "params", None)]
    declared = {str(Path(dep.fs_path).relative_to(ROOT)): set(dep.params) for dep in deps}
    assert declared == {path: found for path, found in read_by(script(stage), trained(stage)).items() if found}


DOES_WHAT = {
    "report/predict.py": ["stages/predict.py"],
    "crowd/predict.py": ["stages/predict.py"],
    "crowd/report/predict.py": ["crowd/predict.py", "stages/predict.py"],
    "crowd/report/evaluate.py": ["crowd/evaluate.py"],
    "baselines/report/predict.py": ["baselines/predict.py"],
    "baselines/report/evaluate.py": ["baselines/evaluate.py"],
}
"""Stage files that have another's main run, which reads and requires for them."""

CALLS = {
    f"{folder}/train.py": ["keras", "numpy", "tensorflow"] for folder in ("baselines", "crowd", "search", "transfer")
}
"""Libraries that stages/train.py requires for another stage file."""


def file_named(arguments: list[ast.expr]) -> str:
    """The file of params that a call names by its constant; the main one where it names none."""
    named = [ast.unparse(argument).removeprefix("params.") for argument in arguments]
    return str(getattr(params, named[0]) if named else params.PARAMS)


def read_by(file: str, names: dict[str, str]) -> dict[str, set[str]]:
    """The sections that a stage file asks for, by the file that has them, and the libraries."""
    found = {str(path): set() for path in params.SCHEMAS} | {"versions.yaml": set(CALLS.get(file, ()))}
    for node in (node for one in (file, *DOES_WHAT.get(file, ())) for node in ast.walk(tree_of(one))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "params.load":
            found[file_named(node.args[1:])] |= section_names(node.args[0], names)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "precision.recipe":  # loads a section for them
            found[file_named(node.args)].add("train")
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "versions.require":
            texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            found["versions.yaml"] |= {text for text in texts if isinstance(text, str)}
    if file == "stages/train.py":
        found["params.yaml"] = trained_by(found["params.yaml"], hybrid="descriptor" in names)
    if file == "stages/export.py":
        found["params.yaml"] |= {"sift.keypoints", "sift.histograms", "dsift"}  # of a table; the next test runs it
    return found


COMPUTING = {"scipy": "scipy", "onnx": "onnx", "sklearn": "scikit-learn"}
"""Packages, as they are imported, that compute what evaluations, exports and cards write, and their names."""


@pytest.mark.parametrize("name", [name for name in STAGES if name.endswith(("evaluate", "export", "cards"))])
def test_what_computes_the_figures_is_declared(name):
    nodes = [node for file in imported_code(name) for node in ast.walk(tree_of(file))]
    packages = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    packages |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    needed = {COMPUTING[top] for package in packages if (top := package.split(".")[0]) in COMPUTING}
    versions = [dep for dep in STAGES[name].deps if dep.fs_path.endswith("versions.yaml")]
    assert needed <= set().union(*(dep.params for dep in versions))


def trained_by(sections: set[str], hybrid: bool) -> set[str]:
    """The params of a training: of a hybrid, the leaves of which `hybrids` has no value of its own."""
    if not hybrid:
        return sections - {"hybrids"}
    otherwise = {field.name for field in dataclasses.fields(Hybrids)}
    whole = {name for name in sections if name == "train" or name.startswith("networks.")}
    leaves = dict(params.flatten(params.read_yaml(ROOT / params.PARAMS)))
    parts = {leaf for leaf in leaves if leaf.rpartition(".")[0] in whole and leaf.rpartition(".")[2] not in otherwise}
    return sections - whole | parts


def section_names(node: ast.AST, names: dict[str, str]) -> set[str]:
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else names.get(part.value.id) for part in node.values]
        return set() if None in parts else {"".join(parts)}
    return set()


def test_export_writes_the_settings_of_both_descriptors(monkeypatch):
    from stages.export import descriptor_settings

    monkeypatch.chdir(ROOT)
    asked = []
    load = params.load
    monkeypatch.setattr(params, "load", lambda section: asked.append(section) or load(section))
    settings = descriptor_settings()
    assert asked == ["sift.keypoints", "sift.histograms", "dsift"]
    assert settings["sift"]["histograms"]["levels"] == load("sift.histograms").levels


@pytest.mark.parametrize("path", params.SCHEMAS, ids=str)
def test_every_section_is_declared_by_a_stage(path):
    deps = [dep for stage in STAGES.values() for dep in stage.deps if getattr(dep, "params", None)]
    declared = {section for dep in deps if Path(dep.fs_path) == ROOT / path for section in dep.params}
    untrained = {"networks.cnn", "networks.resnet"} if path == params.CROWD else set()
    for key, _ in params.flatten(params.read_yaml(ROOT / path)):
        assert any(covers(section.replace(".", "/"), key.replace(".", "/")) for section in declared | untrained), key


@pytest.mark.parametrize("path", params.SCHEMAS, ids=str)
def test_no_key_of_a_section_has_a_name_that_the_run_cache_of_dvc_leaves_out(path):
    """DVC would put back the outputs of another value: its key takes a whole section without `size` and `nfiles`."""
    leaves = {key.rsplit(".", 1)[-1] for key, _ in params.flatten(params.read_yaml(ROOT / path))}
    assert not leaves & {"size", "nfiles"}


def test_every_stage_says_what_it_does_and_the_pipeline_is_read_in_one_sitting():
    assert all(stage.desc for stage in STAGES.values())
    assert len((ROOT / "dvc.yaml").read_text(encoding="utf-8").splitlines()) <= 280


def test_outputs_are_where_the_pipeline_looks_for_them():
    outs = {name: paths_of(stage.outs) for name, stage in STAGES.items()}
    assert {str(path) for path in (paths.IMAGES, paths.LABELS, paths.SPLIT, paths.EMOTIONS, paths.DATA_REPORT)} <= outs[
        "ingest"
    ]
    assert outs["dsift"] == {str(paths.descriptor_path("dsift"))}
    assert outs["sift_histograms"] == {str(paths.descriptor_path("sift"))}
    for name, folder in (("", paths.METRICS), ("report/dvc.yaml:", paths.PRIVATE_TEST)):
        assert outs[f"{name}predict"] == {str(paths.probabilities_path(folder, "cnn").parent)}
        files = (paths.evaluation_path, paths.predictions_path, paths.confusion_path, paths.figures_folder)
        assert {str(path(folder)) for path in files} <= outs[f"{name}evaluate"]
    assert outs["export"] == {str(paths.EXPORTED)}


def test_a_training_writes_its_network_and_its_history_and_nothing_else():
    for model in MODELS:
        (name,) = [one for one in TRAININGS if str(paths.model_path(model)) in paths_of(STAGES[one].outs)]
        assert paths_of(STAGES[name].outs) == {str(paths.model_path(model)), str(paths.history_path(model))}


def test_data_is_declared_file_by_file():
    """A data folder as a dependency would make `dvc repro --dry --allow-missing` lie."""
    folders = {path for stage in STAGES.values() for path in paths_of(stage.deps) if not Path(path).suffix}
    kept_by_git = {f"{folder}/probabilities" for folder in ("metrics", "metrics/private_test")}
    both = (paths.CROWD, paths.PRIVATE_CROWD, paths.BASELINES, paths.PRIVATE_BASELINES)
    kept_by_git |= {str(folder / "probabilities") for folder in both}
    kept_by_git |= {str(paths.BASELINES / "svm"), str(paths.history_path("baselines/blog").parent)}
    sources = ("openfer", "pipeline", "stages", "baselines/networks")
    code = {path for path in folders if path.startswith(str(paths.CODE)) or path in sources}
    assert folders - code - kept_by_git == {"exported", "crowd/exported", "transfer/exported"}


def test_private_test_is_read_and_written_by_the_report_alone():
    for name, stage in MAIN.items():
        names = {node.attr for node in ast.walk(tree_of(script(stage))) if isinstance(node, ast.Attribute)}
        names |= {node.id for node in ast.walk(tree_of(script(stage))) if isinstance(node, ast.Name)}
        assert "PRIVATE_TEST" not in names, name
        assert not any("private_test" in path for path in paths_of(stage.deps) | paths_of(stage.outs)), name
    for name in STAGES.keys() - MAIN.keys():
        if name.startswith(("report/", "crowd/report/", "baselines/report/", "transfer/report/")):
            assert all("private_test" in path for path in paths_of(STAGES[name].outs)), name


def test_metrics_and_plots_show_nothing_of_private_test():
    for stage in STAGES.values():
        shown = [out for out in stage.outs if out.metric or out.plot]
        assert not any("private_test" in str(out.fs_path) for out in shown)


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    """A finished project that the tests of this module change and bring back."""
    return finished.copy(tmp_path_factory.mktemp("pipeline") / "project")


@pytest.fixture
def edit(project):
    """Change files of the project and put them back afterwards."""
    originals = {}

    def change(name: str, old: str, new: str) -> None:
        path = project.folder / name
        text = path.read_text(encoding="utf-8")
        originals.setdefault(path, text)
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    yield change
    for path, text in originals.items():
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def mended(project):
    """Bring the project's outputs back to its parameters after a test that really runs stages."""
    yield
    project.run("dvc", "repro")


def stale(project) -> set[str]:
    """The stages of dvc.yaml that `dvc status` names, once what the code does is written anew."""
    with contextlib.chdir(project.folder), Repo() as repo:
        code.main()
        return set(repo.status(["dvc.yaml"])) & MAIN.keys()


def would_run(project) -> set[str]:
    """The stages that are stale, and all that depend on them."""
    found = stale(project) - {"code"}
    return found.union(*(users()[name] for name in found))


@functools.cache
def users() -> dict[str, set[str]]:
    """For each stage of dvc.yaml those of its stages that depend on it."""
    with Repo(str(ROOT)) as repo:
        graph = repo.index.graph
        main = {stage: stage.name for stage in graph if stage.path == str(ROOT / "dvc.yaml")}
        return {name: {main[user] for user in ancestors(graph, stage) & main.keys()} for stage, name in main.items()}


def test_second_repro_runs_nothing(project):
    assert "Running stage" not in project.run("dvc", "repro")


HARMLESS = [
    ("openfer/training/loop.py", "\nclass Epochs", "\n# a comment\nclass Epochs"),
    ("openfer/networks/vgg.py", '"""VGG: four', '"""The VGG: four'),
    ("openfer/training/loop.py", "the loss is {logs", "the cross-entropy is {logs"),
    ("openfer/training/loop.py", 'log.info("resuming', 'log.info("going on'),
    ("openfer/errors.py", "class Refused(ValueError)", "class Refused(RuntimeError)"),
    ("openfer/evaluation/figures/learning_curves.py", "figsize=(8", "figsize=(9"),
    ("openfer/evaluation/scores.py", "def score(", "UNUSED = 1\n\n\ndef score("),
    ("pipeline/paths.py", '"evaluation.json"', '"figures.json"'),
    ("pipeline/store.py", 'EXPERIMENT = "fer2013"', 'EXPERIMENT = "faces"'),
    ("stages/__init__.py", "level=logging.INFO", "level=logging.WARNING"),
    ("openfer/app/valence.py", "surprise, which", "Surprise, which"),
    ("params.yaml", "epochs:", "# a comment\n  epochs:"),
]
"""A comment, a docstring, messages, a plot, a score, a path, MLflow's code, a word of the program."""


def test_no_training_is_stale_after_a_comment_a_docstring_a_message_a_plot_a_path_or_code_of_mlflow(project, edit):
    for file, old, new in HARMLESS:
        edit(file, old, new)
    found = stale(project)
    assert not found & TRAININGS
    assert found == {"code", "evaluate", "export"}  # for the plot and the score


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("params.yaml", "epochs: 1", "epochs: 2", TRAININGS | USERS),
        (
            "params.yaml",
            "words: 32",
            "words: 33",
            {"sift_vocabulary", "sift_histograms"} | SIFT_TRAININGS | USERS,
        ),
        ("openfer/networks/vgg.py", "Block(8, 2)", "Block(8, 3)", VGG_TRAININGS | USERS),
        (
            "openfer/networks/fusion.py",
            'name="fusion"',
            'name="joined"',
            HYBRIDS | USERS,
        ),
        ("params.yaml", "label_smoothing: 0.1", "label_smoothing: 0.2", HYBRIDS | USERS),
        ("params.yaml", "label_smoothing: 0.0", "label_smoothing: 0.2", TRAININGS - HYBRIDS | USERS),
        ("openfer/training/optimizer.py", "nesterov=True", "nesterov=False", TRAININGS | USERS),
        ("openfer/prediction/crops.py", "SHIFT = 3", "SHIFT = 2", USERS),
        ("stages/predict.py", ".argmax(axis=1)", ".argmax(1)", USERS),
        (
            "params.yaml",
            "normalisation: rootsift",
            "normalisation: l2",
            {"dsift", "train_fused@cnn-dsift", "train_fused@vgg-dsift"} | USERS,
        ),
        (
            "versions.yaml",
            "scikit-learn: ",
            "scikit-learn: 0.",
            {"sift_vocabulary", "sift_histograms"} | SIFT_TRAININGS | USERS,
        ),
        ("versions.yaml", "onnxruntime: ", "onnxruntime: 0.", {"export"}),
        ("stages/export.py", "CHECKED = 100", "CHECKED = 50", {"export"}),
    ],
)
def test_change_runs_again_what_depends_on_it_and_nothing_else(project, edit, file, old, new, expected):
    edit(file, old, new)
    assert would_run(project) == expected


@pytest.mark.slow
def test_another_vocabulary_really_runs_what_depends_on_it_and_the_way_back_trains_nothing(project, mended, edit):
    first = project.lock()
    edit("params.yaml", "words: 32", "words: 33")
    ran = re.findall(r"Running stage '([^']+)'", project.run("dvc", "repro"))
    assert set(ran) - {"code"} == {"sift_vocabulary", "sift_histograms"} | SIFT_TRAININGS | USERS
    edit("params.yaml", "words: 33", "words: 32")
    ran = re.findall(r"Running stage '([^']+)'", project.run("dvc", "repro"))
    assert not set(ran) & TRAININGS
    assert project.lock() == first


def test_every_training_is_a_tracked_run_named_after_its_stage(finished):
    import mlflow

    client = mlflow.MlflowClient(f"sqlite:///{finished.folder / 'mlflow.db'}")
    (experiment,) = [found for found in client.search_experiments() if found.name == "fer2013"]
    runs = [run for run in client.search_runs([experiment.experiment_id]) if run.info.run_name in TRAININGS]
    assert sorted(run.info.run_name for run in runs) == sorted(TRAININGS)
    assert all(run.info.status == "FINISHED" for run in runs)
    assert all(run.data.params["train.epochs"] == "1" for run in runs)
    assert all(f"networks.{re.split('[@-]', run.info.run_name)[1]}.width" in run.data.params for run in runs)
    hybrids = {run.info.run_name for run in runs if run.data.params["train.label_smoothing"] == "0.1"}
    assert hybrids == HYBRIDS  # which are trained by a recipe of their own
    assert all("sha256 data/faces/images.npy" in run.data.tags for run in runs)
    assert all("public_accuracy" in run.data.metrics for run in runs)


def test_bad_row_stops_with_one_line_and_the_good_outputs_can_be_restored(project, mended, edit):
    rows = (project.folder / "sample" / "fer2013.csv").read_text(encoding="utf-8").splitlines()
    rows[3] = rows[3].replace(" ", " 256 ", 1)
    (project.folder / "faces.csv").write_text("\n".join(rows), encoding="utf-8")
    edit("params.yaml", "sample/fer2013.csv", "faces.csv")
    printed = project.run("dvc", "repro", "ingest", check=False)
    assert "ingest: faces.csv, line 4: column pixels, number 2" in printed
    assert "failed to reproduce 'ingest'" in printed
    outputs = (paths.IMAGES, paths.LABELS, paths.SPLIT, paths.EMOTIONS, paths.DATA_REPORT, paths.DATA_SAMPLES)
    assert not any((project.folder / path).exists() for path in outputs)
    edit("params.yaml", "faces.csv", "sample/fer2013.csv")
    project.run("dvc", "checkout", "ingest")
    assert (project.folder / paths.IMAGES).exists()


def test_missing_data_says_where_to_get_it_and_what_works_without(project, edit):
    edit("params.yaml", "sample/fer2013.csv", "data/fer2013.csv")
    printed = project.run("dvc", "repro", "ingest", check=False)
    assert "data/fer2013.csv is missing. Get fer2013.csv or icml_face_data.csv from" in printed
    assert "make demo" in printed


def test_a_stage_runs_the_python_that_runs_dvc_though_its_environment_is_not_activated(project):
    printed = project.run("dvc", "repro", "--force", "--single-item", "code", PATH="/usr/bin:/bin")
    assert "files of openfer" in printed
