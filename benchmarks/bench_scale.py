"""Photographs a second of the local engine and of Ray with one and two workers, and whether their memory grows.

    python -m benchmarks.bench_scale [--files 400] [--flat 100000]

The photographs are drawn anew from NASA's astronaut, in JPEG of 640 × 480; --flat reads that many of them with two
workers and prints the memory of all processes at each tenth of the way. The seconds of a start, which many photographs
bear together, are measured with one photograph, told beside the rate, and left out of it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pyarrow.parquet as pq
from PIL import Image

from benchmarks.telling import tell
from sample.demo import clean_environment
from tests.photos import astronaut


def main(files: int, flat: int) -> None:
    """Print one figure a line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = draw(folder / "pictures", files)
        few = draw(folder / "few", 1)
        local = files / (seconds(pictures, "--json") - seconds(few, "--json"))
        tell(f"local engine: {local:.1f} pictures/s, no marked ones written")
        for workers in (1, 2):
            ray = ["--engine", "ray", "--workers", str(workers), "--shard", "32", "--out"]
            start = seconds(few, *ray, str(folder / f"few-{workers}"))
            rate = files / (seconds(pictures, *ray, str(folder / f"ray-{workers}")) - start)
            tell(f"Ray, {workers} workers: {rate:.1f} pictures/s ({rate / local:.2f} of local), start {start:.1f} s")
        if flat:
            watch(folder / "flat", draw(folder / "many", flat), flat)


def draw(folder: Path, count: int) -> Path:
    """Write so many photographs, each a little other than the one before; links beyond a thousand."""
    folder.mkdir()
    photo = astronaut()
    for number in range(count):
        path = folder / f"{number:07}.jpg"
        if number < 1000:
            photo[:8, :8] = number % 256, number // 256, 0
            Image.fromarray(photo).save(path, quality=90)
        else:
            os.link(folder / f"{number % 1000:07}.jpg", path)
    return folder


def command(pictures: Path, *words: str) -> subprocess.Popen:
    """Start the program."""
    start = [sys.executable, "-m", "openfer", "photo", str(pictures), *words]
    return subprocess.Popen(start, env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def seconds(pictures: Path, *words: str) -> float:
    """Return how long the program takes."""
    start = time.perf_counter()
    if command(pictures, *words).wait():
        sys.exit(f"reading {pictures} failed")
    return time.perf_counter() - start


def watch(out: Path, pictures: Path, count: int) -> None:
    """Print how much memory a run of two workers and all that belongs to it takes while it goes on."""
    process, told, most = command(pictures, "--engine", "ray", "--workers", "2", "--out", str(out)), 0, 0.0
    while process.poll() is None:
        time.sleep(1)
        done = len(list((out / "rows").glob("part-*.parquet"))) * 256
        most = max(most, memory(process.pid))
        if 10 * done // count > told:
            told = 10 * done // count
            tell(f"{min(done, count):,} pictures: {memory(process.pid):,.0f} MiB, at most {most:,.0f} so far")
    rows = pq.ParquetDataset(out / "rows").read(["file"])
    tell(f"rows of {len(set(rows['file'].to_pylist())):,} of {count:,} pictures")


def memory(process: int) -> float:
    """Return MiB of a process and of all that it has started, what they share counted once."""
    total = 0
    for one in [psutil.Process(process), *psutil.Process(process).children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
        except psutil.Error:  # it has ended meanwhile
            continue
    return total / 2**20


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=400, help="photographs of each measurement of speed (%(default)s)")
    parser.add_argument("--flat", type=int, default=0, help="photographs over which memory is watched (none)")
    options = parser.parse_args()
    main(options.files, options.flat)
