"""FER2013 as published → arrays of images, labels and split codes, a report and a sheet of samples.

    python -m stages.ingest

In: the CSV, a compressed CSV or a folder of pictures (data.source). Out: data/faces/*.npy, metrics/data/.
"""

import numpy as np

from openfer import files
from openfer.data.classes import Classes, described, expressions, grouped, is_seven, require_every_class
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
    source, classes = settings.source, settings.classes
    table = grouped(read(source, settings.on_bad_row, expressions(classes)), classes, source)
    split = split_codes(table, settings.split, settings.seed, source)
    require_every_class(table, split, source)
    chosen = {} if is_seven(classes) else {"emotions": classes}
    report = provenance(source) | {"split": settings.split} | chosen | describe(table, split)
    save(table, split, report, settings.seed, classes)
    tell(report)


def save(table: Table, split: np.ndarray, report: dict, seed: int, classes: Classes) -> None:
    """Write arrays, classes, report and samples."""
    files.save_array(paths.IMAGES, table.images)
    files.save_array(paths.LABELS, table.labels)
    files.save_array(paths.SPLIT, split)
    files.save_json(paths.EMOTIONS, classes)
    files.save_json(paths.DATA_REPORT, report)
    training = split == TRAINING
    sheet = draw_samples(table.images[training], table.labels[training], seed, table.names)
    files.save_figure(paths.DATA_SAMPLES, sheet)


def tell(report: dict) -> None:
    """Print what was found."""
    totals, duplicates = report["totals"], report["duplicates_without_constant_images"]
    print(f"{report['source']}: {report['rows_read']:,} rows read, {report['rows_skipped']:,} skipped")
    print(f"recognised as {report['recognised_as'] or 'none of the published files'}")
    if report["files_passed_over"]:
        print(f"{report['files_passed_over']:,} files passed over: {', '.join(report['passed_over'][:3])} …")
    if "emotions" in report:
        left_out = ", ".join(f"{count:,} {name}" for name, count in report.get("rows_left_out", {}).items())
        print(f"told apart: {', '.join(described(report['emotions']))}; left out: {left_out or 'nothing'}")
    print(f"{report['split']} split: " + ", ".join(f"{name} {totals[name]:,}" for name in SPLITS))
    for name in SPLITS[1:]:
        count = duplicates[f"{name}_with_duplicate_in_{SPLITS[TRAINING]}"]
        print(f"{count:,} images of {name} have an identical duplicate in {SPLITS[TRAINING]}")


if __name__ == "__main__":
    run(main)
