"""FER2013 as published → arrays of images, labels and split codes, a report and a sheet of samples.

    python -m stages.ingest

In: the CSV, a compressed CSV or a folder of pictures (data.source). Out: data/faces/*.npy, metrics/data/.
"""

import numpy as np

from openfer import files
from openfer.data.provenance import provenance
from openfer.data.report import describe
from openfer.data.sheet import draw_samples
from openfer.data.source import read
from openfer.data.split import split_codes
from openfer.data.table import Table
from openfer.emotions import SPLITS, TRAINING
from pipeline import params, paths, versions
from stages import run


def main() -> None:
    """Read everything, and only then write."""
    versions.require(["numpy", "opencv"])
    settings = params.load("data")
    table = read(settings.source, settings.on_bad_row)
    split = split_codes(table, settings.split, settings.seed, settings.source)
    report = provenance(settings.source) | {"split": settings.split} | describe(table, split)
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
    print(f"recognised as {report['recognised_as'] or 'none of the published files'}")
    if report["files_passed_over"]:
        print(f"{report['files_passed_over']:,} files passed over: {', '.join(report['passed_over'][:3])} …")
    print(f"{report['split']} split: " + ", ".join(f"{name} {totals[name]:,}" for name in SPLITS))
    for name in SPLITS[1:]:
        count = duplicates[f"{name}_with_duplicate_in_{SPLITS[TRAINING]}"]
        print(f"{count:,} images of {name} have an identical duplicate in {SPLITS[TRAINING]}")


if __name__ == "__main__":
    run(main)
