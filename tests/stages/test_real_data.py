"""What must hold of the real FER2013, and of figures that were measured on it."""

import os

import numpy as np
import pytest
import yaml

from docs.readme import GPU
from openfer.data.provenance import PUBLISHED, provenance
from openfer.data.report import describe
from openfer.data.source import read
from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING
from openfer.evaluation.ensemble import MODELS
from openfer.evaluation.tables import results_table
from openfer.files import METRICS, digest, load_csv, load_json
from openfer.prediction import probabilities
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


@pytest.mark.parametrize("run", [METRICS, GPU])
def test_every_published_figure_follows_from_the_probabilities(table, run):
    run = ROOT / run
    rows = np.flatnonzero(table.split != TRAINING)
    tables = {model: probabilities.read(load_csv(run / model / "probabilities.csv"), rows) for model in MODELS}
    public, private = (
        evaluation_of(code, table.images, table.labels, table.split, tables) for code in (PUBLIC_TEST, PRIVATE_TEST)
    )
    temperatures = public.temperatures()
    found = {SPLITS[PUBLIC_TEST]: public.scores(temperatures), SPLITS[PRIVATE_TEST]: private.scores(temperatures)}
    published = load_json(run / "evaluation.json")
    assert results_table(found) == results_table(published)
    for split, systems in found.items():
        for system, scores in systems.items():
            for figure in ("accuracy", "macro_f1"):
                assert scores[figure] == pytest.approx(published[split][system][figure], abs=1e-9), (split, system)


def test_dvc_lock_names_the_code_as_it_is():
    """Code of a stage that changes is committed with a dvc.lock from a run on the real data."""
    stages = yaml.safe_load((ROOT / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    files = {(file["path"], file["md5"]) for stage in stages.values() for file in stage["deps"]}
    code = sorted((path, md5) for path, md5 in files if path.endswith(".py"))
    assert code
    assert [path for path, md5 in code if digest(ROOT / path, "md5") != md5] == []
