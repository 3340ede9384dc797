"""A finished run of the crowd's pipeline and its report on the drawn sample, with votes that are made up."""

import csv
from pathlib import Path

import numpy as np
import pytest

from openfer.data.votes import COLUMNS
from openfer.emotions import SPLITS
from pipeline import paths
from sample.demo import set_params
from tests.conftest import TINY, Project

VOTES = Path("data/votes.csv")
TINY_CROWD = {key: value for key, value in TINY.items() if key.startswith("train.")} | {
    "crowd.votes": str(VOTES),
    "networks.vgg.width": 2,
    "networks.vgg.embedding": 8,
    "networks.resnet.width": 2,
    "networks.resnet.embedding": 8,
}


def write_votes(project: Project, path: Path) -> None:
    """Write seven votes for the label of each face and three for the next expression; a tenth is no face at all."""
    labels, split = (np.load(project.folder / file) for file in (paths.LABELS, paths.SPLIT))
    rows = []
    for number, (label, code) in enumerate(zip(labels, split, strict=True)):
        counts = dict.fromkeys(COLUMNS, 0)
        if number % 10:
            counts[COLUMNS[label]] += 7
            counts[COLUMNS[(label + 1) % 8]] += 3
        else:
            counts["NF"] = 10
        rows.append({"Usage": SPLITS[code], "Image name": f"fer{number:07d}.png" if number % 10 else ""} | counts)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="session")
def crowd(finished, tmp_path_factory) -> Project:
    """The project after `dvc repro crowd/dvc.yaml` and that of its report."""
    project = finished.copy(tmp_path_factory.mktemp("crowd") / "project")
    set_params(project.folder / "crowd" / "params.yaml", TINY_CROWD)
    write_votes(project, project.folder / VOTES)
    project.run("dvc", "repro", "crowd/dvc.yaml")
    project.run("dvc", "repro", "crowd/report/dvc.yaml")
    return project
