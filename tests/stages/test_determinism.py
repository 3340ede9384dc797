"""The same data, parameters and code give the same bytes: two copies of the project agree on every MD5."""

import pytest
import yaml

from tests.conftest import new_project


def sums(lock: str) -> dict[str, str]:
    """MD5 of every dependency and output by stage and path."""
    return {
        f"{stage} {entry['path']}": entry["md5"]
        for stage, parts in yaml.safe_load(lock)["stages"].items()
        for kind in ("deps", "outs")
        for entry in parts.get(kind, [])
    }


@pytest.mark.slow
def test_two_runs_of_the_pipeline_give_the_same_bytes(finished, tmp_path):
    again = new_project(tmp_path / "again")
    again.run("dvc", "repro")
    first, second = sums(finished.lock()), sums(again.lock())
    assert {name for name in first if first[name] != second.get(name)} == set()
    assert sum(name.endswith(".keras") and name.startswith("train") for name in first) == 7
