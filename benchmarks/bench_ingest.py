"""The CSV reader against the loop that splits and converts each row.

python -m benchmarks.bench_ingest data/fer2013.csv
"""

import argparse
import resource
import sys
import time
from itertools import islice
from pathlib import Path

import numpy as np

from openfer.data.csv_file import read_csv

LOOP_ROWS = 5000


def loop(path: Path) -> float:
    """Return the seconds per row of the plain loop, over the first 5,000 rows."""
    with path.open() as file:
        next(file)
        start, images = time.perf_counter(), []
        for line in islice(file, LOOP_ROWS):
            _, pixels, _ = line.split(",")
            images.append(np.array([int(pixel) for pixel in pixels.split(" ")], dtype=np.uint8))
        return (time.perf_counter() - start) / len(images)


def main() -> None:
    """Print seconds per row of both, their ratio and the peak of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", type=Path, help="fer2013.csv, not compressed")
    path = parser.parse_args().csv
    start = time.perf_counter()
    rows = read_csv(path, "error").labels.size
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    plain = loop(path)
    lines = (
        f"reader: {seconds:.2f} s for {rows:,} rows, every value checked, {seconds / rows * 1e6:.1f} µs a row",
        f"loop: {plain * 1e6:.1f} µs a row (first {LOOP_ROWS:,} rows)",
        f"ratio: {plain * rows / seconds:.1f}",
        f"peak memory of the reader: {peak:.0f} MiB",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
