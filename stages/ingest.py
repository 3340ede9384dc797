"""FER2013 as published → arrays of images, labels and split codes, a report and a sheet of samples.

In: the CSV, a compressed CSV or a folder of pictures (data.source). Out: data/faces/*.npy, metrics/data/.
Command: `python -m stages.ingest`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from openfer import files as artifacts
from openfer.data.report import describe
from openfer.data.sheet import draw_samples
from openfer.data.source import read, sha256
from openfer.data.split import random_split, require_every_split
from openfer.data.table import Table
from openfer.emotions import SPLITS, TRAINING
from pipeline import params
from pipeline.params import leaf
from stages import run


@dataclass(frozen=True)
class Params:
    """What this stage reads of params.yaml."""

    source: str = leaf("data.source")
    on_bad_row: str = leaf("data.on_bad_row", choices=("error", "skip"))
    split: str = leaf("data.split", choices=("official", "random"))
    seed: int = leaf("seed", at_least=0)


def main() -> None:
    """Read everything, and only then write."""
    settings = params.load(Params)
    table = read(settings.source, settings.on_bad_row)
    split = random_split(table.labels.size, settings.seed) if settings.split == "random" else table.split
    require_every_split(split)
    source = {"source": Path(settings.source).name, "sha256": sha256(settings.source), "split": settings.split}
    report = source | describe(table, split)
    _save(table, split, report, settings.seed)
    _tell(report)


def _save(table: Table, split: np.ndarray, report: dict, seed: int) -> None:
    artifacts.save_array(artifacts.IMAGES, table.images)
    artifacts.save_array(artifacts.LABELS, table.labels)
    artifacts.save_array(artifacts.SPLIT, split)
    artifacts.save_json(artifacts.DATA_REPORT, report)
    training = split == TRAINING
    artifacts.save_figure(artifacts.DATA_SAMPLES, draw_samples(table.images[training], table.labels[training], seed))


def _tell(report: dict) -> None:
    totals, duplicates = report["totals"], report["duplicates_without_constant_images"]
    print(f"{report['source']}: {report['rows_read']:,} rows read, {report['rows_skipped']:,} skipped")
    print(f"{report['split']} split: " + ", ".join(f"{name} {totals[name]:,}" for name in SPLITS))
    for name in SPLITS[1:]:
        count = duplicates[f"{name}_with_twin_in_{SPLITS[TRAINING]}"]
        print(f"{count:,} images of {name} have an identical twin in {SPLITS[TRAINING]}")


if __name__ == "__main__":
    run(main)
