"""The CSV reader against the loop that splits and converts each row, and against other libraries.

python -m benchmarks.bench_ingest data/fer2013.csv
"""

import argparse
import csv
import resource
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from openfer.data.csv_file import read_csv

ROWS = 5000  # of the file that the others read


def loop(path: Path) -> Iterator[np.ndarray]:
    """Split and convert each number in Python, as published programs do."""
    with path.open() as file:
        next(file)
        for line in islice(file, ROWS):
            _, pixels, _ = line.split(",")
            yield np.array([int(pixel) for pixel in pixels.split(" ")], dtype=np.uint8)


def csv_module(path: Path) -> Iterator[np.ndarray]:
    """Python's csv for the columns, NumPy for the numbers."""
    with path.open(newline="") as file:
        for row in islice(csv.reader(file), 1, ROWS + 1):
            yield np.fromstring(row[1], np.int16, sep=" ").astype(np.uint8)


def pandas(path: Path) -> Iterator[np.ndarray]:
    """Let pandas read the columns, NumPy the numbers, as published programs do."""
    for pixels in pd.read_csv(path, nrows=ROWS)["pixels"]:
        yield np.fromstring(pixels, np.int16, sep=" ").astype(np.uint8)


def seconds_per_row(read: Callable[[Path], Iterator[np.ndarray]], path: Path) -> float:
    """Return the seconds of processor time that reading takes a row; others on the machine do not count."""
    start = time.process_time()
    rows = sum(1 for _ in read(path))
    return (time.process_time() - start) / rows


def main() -> None:
    """Print processor time per row, the ratios and the peak of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", type=Path, help="fer2013.csv, not compressed")
    path = parser.parse_args().csv
    reader = seconds_per_row(lambda path: iter(read_csv(path, "error").images), path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = [f"reader, every value checked: {reader * 1e6:.1f} µs a row, at most {peak:.0f} MiB of memory"]
    for other in (loop, csv_module, pandas):
        seconds = seconds_per_row(other, path)
        lines.append(f"{other.__name__}: {seconds * 1e6:.1f} µs a row, {seconds / reader:.1f} times the reader's")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
