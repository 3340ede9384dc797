"""What must hold of the real FER2013, and of figures that were measured on it."""

import hashlib
import json
import os

import pytest
import yaml

from docs.readme import GPU
from openfer import files
from openfer.data.classes import SEVEN
from openfer.data.provenance import PUBLISHED, provenance
from openfer.data.report import describe
from openfer.data.source import read
from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST
from openfer.evaluation.ensemble import MODELS, SIX
from openfer.evaluation.evaluation import best_members
from pipeline import arrays, paths
from pipeline.code import FOLDERS, sources
from stages.evaluate import evaluation_of
from tests.imports import ROOT

pytestmark = pytest.mark.skipif("FER2013_CSV" not in os.environ, reason="FER2013_CSV does not name the real file")


@pytest.fixture(scope="module")
def table():
    return read(os.environ["FER2013_CSV"], "error")


def test_the_first_row_is_the_published_one(table):
    assert table.labels[0] == 0
    assert table.images[0, 0, :10].tolist() == [70, 80, 82, 72, 58, 58, 60, 63, 54, 58]


def test_counts_and_duplicates_are_the_known_ones(table):
    report = describe(table, table.split)
    assert [list(counts.values()) for counts in report["counts"].values()] == [
        [3995, 436, 4097, 7215, 4830, 3171, 4965],
        [467, 56, 496, 895, 653, 415, 607],
        [491, 55, 528, 879, 594, 416, 626],
    ]
    duplicates = report["duplicates_without_constant_images"]
    assert (duplicates["groups"], duplicates["surplus_copies"]) == (1517, 1844)
    assert duplicates["PublicTest_with_duplicate_in_Training"] == 279
    assert duplicates["PrivateTest_with_duplicate_in_Training"] == 288
    near = report["near_duplicates_without_constant_images"]
    assert near["PublicTest_with_near_duplicate_in_Training"] == 21
    assert near["PrivateTest_with_near_duplicate_in_Training"] == 40


def test_the_file_is_recognised():
    assert provenance(os.environ["FER2013_CSV"])["recognised_as"] in PUBLISHED.values()


@pytest.fixture(scope="module")
def project(table, tmp_path_factory):
    """A folder with the arrays of the real data, as `dvc repro ingest` writes them."""
    folder = tmp_path_factory.mktemp("project")
    for path, array in ((paths.IMAGES, table.images), (paths.LABELS, table.labels), (paths.SPLIT, table.split)):
        files.save_array(folder / path, array)
    files.save_json(folder / paths.EMOTIONS, SEVEN)
    return folder


def test_ingest_gives_the_bytes_that_dvc_lock_names(project):
    lock = yaml.safe_load((ROOT / "dvc.lock").read_text(encoding="utf-8"))["stages"]["ingest"]
    for out in lock["outs"]:
        if out["path"].startswith("data/faces/"):
            assert files.digest(project / out["path"], "md5") == out["md5"], out["path"]


@pytest.mark.parametrize(("run", "models"), [(paths.METRICS, MODELS), (GPU, SIX)], ids=["here", "gpu"])
def test_every_published_figure_follows_from_the_probabilities(project, run, models, monkeypatch):
    monkeypatch.chdir(project)
    published = {name: files.load_json(ROOT / run / name / "evaluation.json") for name in ("", "private_test")}
    chosen = {name: scores["temperature"] for name, scores in published[""]["systems"].items()}
    for name, code in (("", PUBLIC_TEST), ("private_test", PRIVATE_TEST)):
        found = evaluation_of(code, ROOT / run / name, *arrays.faces(), tuple(models))
        if code == PUBLIC_TEST:
            assert found.temperatures() == pytest.approx(chosen)
        for system, scores in found.scores(chosen).items():
            for figure in ("accuracy", "macro_f1", "calibration_error_after_scaling"):
                assert scores[figure] == pytest.approx(published[name]["systems"][system][figure], abs=1e-9)
    comparisons = files.load_json(ROOT / run / "private_test" / "comparisons.json")
    best = best_members(published[""]["systems"])
    assert comparisons["ensemble_against_best_member"] == found.against_best_member(best)


LOCKS = (
    *(f"{folder}dvc.lock" for folder in ("", "report/", "crowd/", "crowd/report/")),
    *(f"baselines/{folder}dvc.lock" for folder in ("", "features/", "report/")),
)


def test_dvc_lock_names_the_code_as_it_is():
    """Code that changes what a stage does is committed with a dvc.lock from a run on the real data."""
    now = {str(paths.CODE / path): text for path, text in sources(ROOT, FOLDERS)}
    differing = []
    for lock in LOCKS:
        stages = yaml.safe_load((ROOT / lock).read_text(encoding="utf-8"))["stages"]
        for name, stage in stages.items():
            for dep in stage["deps"]:
                if dep["path"].startswith(f"{paths.CODE}/") and dep["md5"] != md5_of(dep["path"], now):
                    differing.append(f"{name}: {dep['path']}")
    assert differing == []


def md5_of(path: str, texts: dict[str, str]) -> str:
    """The MD5 that DVC gives a file, or a folder of files."""
    if path in texts:
        return hashlib.md5(texts[path].encode()).hexdigest()
    inside = {name.removeprefix(f"{path}/"): text for name, text in texts.items() if name.startswith(f"{path}/")}
    entries = [{"md5": hashlib.md5(text.encode()).hexdigest(), "relpath": name} for name, text in inside.items()]
    entries.sort(key=lambda entry: tuple(entry["relpath"].split("/")))
    return hashlib.md5(json.dumps(entries).encode()).hexdigest() + ".dir"
