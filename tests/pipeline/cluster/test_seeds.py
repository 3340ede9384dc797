"""`python -m search.seeds` and `search.folds`: tables; the seed of the params gives the network of the stage."""

import json
import statistics

import pytest

from search.several import SeveralError, command
from tests.pipeline.cluster.conftest import outputs


@pytest.mark.ray
def test_seeds_on_the_cluster_are_a_table_and_no_seed_is_trained_twice(hosts, local, project):
    project.run("search.seeds", "train@cnn", "--seeds", "2", **hosts.environment)
    table = json.loads((project.folder / "metrics/seeds/train@cnn.json").read_text())
    assert [row["seed"] for row in table["seeds"]] == [42, 43]
    accuracies = [row["public_accuracy"] for row in table["seeds"]]
    assert table["mean"] == pytest.approx(statistics.mean(accuracies), abs=1e-6)
    assert table["sd"] == pytest.approx(statistics.stdev(accuracies), abs=1e-6)
    networks = [(project.folder / row["network"]).read_bytes() for row in table["seeds"]]
    assert networks[0] == outputs(local)[0] != networks[1]
    again = project.run("search.seeds", "train@cnn", "--seeds", "2")
    assert "epoch" not in again
    assert f"train@cnn: accuracy on PublicTest {table['mean']:.4f} ± {table['sd']:.4f} of 2 seeds" in again


@pytest.mark.ray
def test_folds_on_the_cluster_are_a_table_and_no_fold_is_trained_twice(hosts, project):
    project.run("search.folds", "train@cnn", "--folds", "2", **hosts.environment)
    table = json.loads((project.folder / "metrics/folds/train@cnn.json").read_text())
    assert [(row["fold"], row["faces"]) for row in table["folds"]] == [(1, 28), (2, 28)]
    assert table["mean"] == pytest.approx(statistics.mean(row["accuracy"] for row in table["folds"]), abs=1e-6)
    first, second = [(project.folder / row["network"]).read_bytes() for row in table["folds"]]
    assert first != second
    again = project.run("search.folds", "train@cnn", "--folds", "2")
    assert "epoch" not in again
    assert f"train@cnn: accuracy on the fold that is left out {table['mean']:.4f} ± {table['sd']:.4f} of 2 fo" in again


@pytest.mark.parametrize(
    ("stage", "module", "arguments"),
    [
        ("train@vgg", "stages.train", ["vgg"]),
        ("train_fused@cnn-sift", "stages.train", ["cnn", "sift"]),
        ("baselines/dvc.yaml:train@blog", "baselines.train", ["blog"]),
        ("search/dvc.yaml:train", "search.train", []),
    ],
)
def test_a_stage_is_known_by_what_dvc_would_run(stage, module, arguments):
    assert command(stage) == (module, arguments)


def test_what_has_no_seed_that_can_be_set_is_told():
    with pytest.raises(
        SeveralError,
        match=r"ingest runs stages\.ingest: what can be trained several times runs stages\.train, .*search\.train",
    ):
        command("ingest")


def test_an_unknown_stage_is_told():
    with pytest.raises(SeveralError, match="no_such_stage"):
        command("no_such_stage")
