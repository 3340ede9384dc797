"""FER2013 as published → arrays of images, labels and split codes, a report and a sheet of samples.

    python -m stages.ingest

In: the CSV, a compressed CSV or a folder of pictures (data.source). Out: data/faces/*.npy, metrics/data/.
"""

from pathlib import Path

import numpy as np

from openfer import files
from openfer.data.report import describe
from openfer.data.sheet import draw_samples
from openfer.data.source import read, sha256
from openfer.data.split import random_split, require_every_split
from openfer.data.table import Table
from openfer.emotions import SPLITS, TRAINING
from pipeline import params, paths, versions
from stages import run


def main() -> None:
    """Read everything, and only then write."""
    versions.require(["numpy", "opencv"])
    settings = params.load("data")
    table = read(settings.source, settings.on_bad_row)
    split = random_split(table.labels.size, settings.seed) if settings.split == "random" else table.split
    require_every_split(split)
    source = {"source": Path(settings.source).name, "sha256": sha256(settings.source), "split": settings.split}
    report = source | describe(table, split)
    save(table, split, report, settings.seed)
    tell(report)


def save(table: Table, split: np.ndarray, report: dict, seed: int) -> None:
    """Write arrays, report and samples."""
    files.save_array(paths.IMAGES, table.images)
    files.save_array(paths.LABELS, table.labels)
    files.save_array(paths.SPLIT, split)
    files.save_json(paths.DATA_REPORT, report)
    training = split == TRAINING
    files.save_figure(paths.DATA_SAMPLES, draw_samples(table.images[training], table.labels[training], seed))


def tell(report: dict) -> None:
    """Print what was found."""
    totals, duplicates = report["totals"], report["duplicates_without_constant_images"]
    print(f"{report['source']}: {report['rows_read']:,} rows read, {report['rows_skipped']:,} skipped")
    print(f"{report['split']} split: " + ", ".join(f"{name} {totals[name]:,}" for name in SPLITS))
    for name in SPLITS[1:]:
        count = duplicates[f"{name}_with_twin_in_{SPLITS[TRAINING]}"]
        print(f"{count:,} images of {name} have an identical twin in {SPLITS[TRAINING]}")


if __name__ == "__main__":
    run(main)
