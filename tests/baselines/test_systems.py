"""The list of the published systems: DVC has the same stages, and a name says all that the stages cannot depend on."""

from dvc.repo import Repo
from networkx import descendants
from ruamel.yaml import YAML

from baselines import JOINED, NETWORKS, SVMS, SYSTEMS
from pipeline import paths
from tests.imports import ROOT


def test_dvc_makes_the_systems_of_the_table_each_from_its_network_and_features():
    found = YAML(typ="safe").load((ROOT / "baselines" / "systems.yaml").read_text(encoding="utf-8"))
    networks = found["pixels"] | found["described"]
    facts = {name: (one["network"], one.get("features", "")) for name, one in networks.items()}
    assert facts == {name: (SYSTEMS[name].network, SYSTEMS[name].features) for name in NETWORKS}
    machines = {name: one["features"] for name, one in found["machines"].items()}
    assert machines == {name: SYSTEMS[name].features for name in SVMS}
    assert {name: ("landmarks", one["second"]) for name, one in found["joined"].items()} == JOINED


def test_a_name_says_what_only_the_table_says_otherwise():
    """The stages depend on the name, not on the table."""
    for name, system in SYSTEMS.items():
        network, _, features = name.partition("-")
        plain, scaled = network.endswith("_plain"), network == "svm_scaled"
        assert network.removesuffix("_plain").removesuffix("_scaled") == system.network
        assert features == system.features
        assert system.normalised is (scaled if system.network == "svm" else not plain)


def test_an_evaluation_waits_for_all_systems_and_these_for_their_features():
    with Repo(str(ROOT)) as repo:
        before = {
            stage.addressing: {one.addressing for one in descendants(repo.index.graph, stage)}
            for stage in repo.index.stages
            if stage.addressing.startswith("baselines/") and stage.addressing.endswith(":evaluate")
        }
    assert before.keys() == {"baselines/dvc.yaml:evaluate", "baselines/report/dvc.yaml:evaluate"}
    for name, needed in before.items():
        predicted = {one.partition("@")[2] for one in needed if one.startswith(name.replace("evaluate", "predict"))}
        assert predicted == set(SYSTEMS)
        made = {one.rpartition("@")[2] for one in needed if "train" in one or ":svm@" in one}
        assert made == set(SYSTEMS)
        assert {f"baselines/features/dvc.yaml:{one}" for one in paths.FEATURES} <= needed
