"""Photographs a second of the local engine and of Ray with one and two workers, and whether their memory grows.

    python -m benchmarks.bench_scale [--files 400] [--flat 100000]

The photographs are drawn anew from NASA's astronaut, in JPEG of 640 × 480; --flat reads that many of them with two
workers and prints the memory of all processes at each tenth of the way. The seconds of a start, which many photographs
bear together, are measured with one photograph, told beside the rate, and left out of it. What a driver can take is
measured with a thousand workers that stand for hosts: they wait, and send the rows of 256 photographs.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import ray
from PIL import Image

from benchmarks.telling import tell
from openfer.app.cluster import joined
from openfer.app.scale import run
from openfer.app.scale.places import Store
from openfer.app.scale.pool import Pool
from sample.demo import clean_environment
from tests.photos import astronaut

SHARD = 256
"""Photographs of a part, as the program has it."""


def main(files: int, flat: int) -> None:
    """Print one figure a line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = draw(folder / "pictures", files)
        few = draw(folder / "few", 1)
        local = files / (seconds(pictures, "--json") - seconds(few, "--json"))
        tell(f"local engine: {local:.1f} pictures/s, no marked ones written")
        for workers in (1, 2):
            how = ["--engine", "ray", "--workers", str(workers), "--shard", "32", "--out"]
            start = seconds(few, *how, str(folder / f"few-{workers}"))
            rate = files / (seconds(pictures, *how, str(folder / f"ray-{workers}")) - start)
            tell(f"Ray, {workers} workers: {rate:.1f} pictures/s ({rate / local:.2f} of local), start {start:.1f} s")
        crowd(folder, pq.ParquetDataset(folder / "ray-2" / "rows").read())
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
        done = len(list((out / "rows").glob("part-*.parquet"))) * SHARD
        most = max(most, memory(process.pid))
        if 10 * done // count > told:
            told = 10 * done // count
            tell(f"{min(done, count):,} pictures: {memory(process.pid):,.0f} MiB, at most {most:,.0f} so far")
    rows = pq.ParquetDataset(out / "rows").read(["file"])
    tell(f"rows of {len(set(rows['file'].to_pylist())):,} of {count:,} pictures")


class Host:
    """Stands for all workers: whatever it is given, it sends the same rows after some seconds."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows

    async def home(self) -> str:
        """Return what `Worker.home` does."""
        return "all"

    async def ready(self) -> str:
        """Return what `Worker.ready` does."""
        return ""

    async def read(self, files: Sequence[tuple[str, str]], task: None) -> pa.Table:
        """Return the rows after two seconds; a core takes longer for a part, but here the driver is to be the limit."""
        await asyncio.sleep(2)
        return self.rows


def crowd(folder: Path, rows: pa.Table, workers: int = 1000, parts: int = 4000) -> None:
    """Print how many photographs a second a driver can take from a thousand workers."""
    rows = pa.concat_tables([rows] * (SHARD // len(rows) + 1))[:SHARD].combine_chunks()
    files = [(f"{number}.jpg", "") for number in range(SHARD * parts)]
    options = argparse.Namespace(kind="photo", columns=tuple(rows.column_names))
    with joined(None, 1):
        host = ray.remote(num_cpus=0, max_concurrency=workers)(Host).remote(rows)
        with patch.object(Pool, "_actor", lambda pool, **how: host):
            began, used = time.perf_counter(), time.process_time()
            run._read(Store(folder / "crowd"), options, files, range(parts), SHARD, workers)
            passed, used = time.perf_counter() - began, time.process_time() - used
    size = sum(path.stat().st_size for path in (folder / "crowd" / "rows").iterdir()) / parts
    tell(
        f"driver with {workers:,} workers: {SHARD * parts / passed:,.0f} pictures/s, {1000 * used / parts:.1f} ms of "
        f"processor time and {size / 1000:.0f} kB a part of {SHARD}"
    )


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
