"""The face detectors on the same pictures: what they find, what they take for a face, how long they look.

    python -m benchmarks.bench_detectors [--photographs FOLDER] [--write]

Group photographs of 22 people whom somebody counted come from the npm package @vladmandic/face-api, which is fetched
(they are not free to be copied into this repository); without npm and without FOLDER, the demo/ of that package, they
are left out. All other pictures are made from two portraits or lie in packages. --write puts the tables into
docs/detectors.md.
"""

import argparse
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from benchmarks.faceless import faceless
from docs.readme import filled
from openfer.evaluation.tables import markdown
from openfer.faces.alignment import Detector
from openfer.faces.detectors import DETECTORS, create
from openfer.faces.pictures import read_picture
from tests.photos import astronaut, grace_hopper, grid, hits, portrait, tilted

PEOPLE = {
    "sample1.jpg": [(0.264, 0.373), (0.490, 0.419), (0.818, 0.265)],
    "sample2.jpg": [(0.229, 0.199), (0.514, 0.249), (0.806, 0.204)],
    "sample3.jpg": [(0.359, 0.343), (0.617, 0.265), (0.826, 0.331)],
    "sample4.jpg": [(0.185, 0.222), (0.391, 0.135), (0.559, 0.210), (0.705, 0.199)],
    "sample5.jpg": [(0.246, 0.729), (0.359, 0.391), (0.454, 0.161), (0.623, 0.227), (0.775, 0.400)],
    "sample6.jpg": [(0.188, 0.408), (0.399, 0.315), (0.662, 0.295), (0.830, 0.251)],
}
"""The middles of the faces of face-api's group photographs, in shares of width and height, looked at one by one."""

GROUPS_FACE = 0.11
"""Side of a face in those photographs, in widths of the picture, about."""

GRIDS = {"3,000 × 2,000": (2000, 3000, 60), "12 megapixels": (3024, 4032, 108)}
"""Height, width and number of faces of a grid."""

Case = tuple[str, np.ndarray, np.ndarray, float]
"""A row of the table, a picture, the middles of its faces (n, 2), and their side in pixels."""


def cases(photographs: Path | None) -> Iterator[Case]:
    """Yield the pictures; several make a row."""
    for name, people in PEOPLE.items() if photographs else ():
        picture = read_picture(photographs / name)
        height, width = picture.shape[:2]
        yield "22 people in six group photographs", picture, np.array(people) * (width, height), GROUPS_FACE * width
    for size, (height, width, number) in GRIDS.items():
        for side in (24, 32, 40, 60):
            yield f"{number} faces of {side} px in {size}", *grid(height, width, side, number), side
    yield from _alone()
    for picture in faceless():
        yield "28 pictures without a face", picture, np.zeros((0, 2)), 1


def _alone() -> Iterator[Case]:
    """Yield pictures of one face."""
    heads = [portrait(150), cv2.resize(grace_hopper()[55:435, 65:445], (300, 300), interpolation=cv2.INTER_AREA)]
    for head in heads:
        for length in (300, 1000, 2000, 4000):
            for border in (0, 60):
                part = head[border : 300 - border, border : 300 - border]
                picture = cv2.resize(part, (length, length), interpolation=cv2.INTER_CUBIC)
                side = 150 * length / len(part)
                yield "16 faces that fill their picture", picture, np.full((1, 2), length / 2), side
    for group, angles in TILTS.items():
        for head in heads:
            for angle in angles:
                yield f"{2 * len(angles)} faces {group}", tilted(head, angle), np.full((1, 2), 150), 150
    for light in (0.5, 0.25, 0.15):
        for head in heads:
            dark = (head * light).astype(np.uint8)
            yield "6 faces in a half to a seventh of the light", dark, np.full((1, 2), 150), 150


TILTS = {
    "tilted by up to 45°": np.linspace(-45, 45, 9),
    "tilted by 60° to 180°": np.array([-60, -75, -90, -120, -150, 60, 75, 90, 120, 150, 180]),
}
"""Degrees, anticlockwise."""


def found(detectors: dict[str, Detector], photographs: Path | None) -> list[list[str]]:
    """Return the table of what is found: a row a kind of pictures, "found of those there + others" a detector."""
    rows: dict[str, dict[str, np.ndarray]] = {}
    for row, picture, middles, side in tqdm(list(cases(photographs)), unit="picture", disable=None):
        for name, detector in detectors.items():
            boxes = np.array([face.box for face in detector(picture)]).reshape(-1, 4)
            hit = hits(boxes, middles, side)
            counts = rows.setdefault(row, {}).setdefault(name, np.zeros(3, int))
            counts += (hit, len(middles), len(boxes) - hit)
    head = ["pictures", *(f"{name}: found" for name in detectors), *(f"{name}: others" for name in detectors)]
    table = [head]
    for row, counts in rows.items():
        there = [f"{hit} of {all_}" if all_ else "–" for hit, all_, _ in counts.values()]
        table.append([row, *there, *(str(others) for *_, others in counts.values())])
    return table


def speed(detectors: dict[str, Detector]) -> list[list[str]]:
    """Return the table of milliseconds a look, the least of several, of the astronaut at three sizes."""
    table = [["astronaut at", *detectors]]
    for width, height in ((640, 480), (1280, 960), (4032, 3024)):
        picture = cv2.resize(astronaut(), (width, height), interpolation=cv2.INTER_CUBIC)
        times = [least(detector, picture) for detector in detectors.values()]
        table.append([f"{width:,} × {height:,}", *(f"{1000 * time:.0f} ms" for time in times)])
    return table


def least(work: Callable[[np.ndarray], object], picture: np.ndarray, seconds: float = 3.0) -> float:
    """Return the seconds of the quickest of the calls that fit into so many seconds."""
    times, until = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < until:
        started = time.perf_counter()
        work(picture)
        times.append(time.perf_counter() - started)
    return min(times)


def fetch(folder: Path) -> Path | None:
    """Fetch the group photographs; return where they are, None where npm is not there or cannot reach its registry."""
    command = ["npm", "pack", "--silent", "@vladmandic/face-api@1.7.15"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        sys.stderr.write("npm cannot fetch @vladmandic/face-api: without the group photographs\n")
        return None
    with tarfile.open(next(folder.glob("*.tgz"))) as package:
        package.extractall(folder, filter="data")
    return folder / "package" / "demo"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables, or put them into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--photographs", type=Path, help="folder of sample1.jpg … sample6.jpg, in place of fetching them"
    )
    parser.add_argument("--write", action="store_true", help="put the tables into docs/detectors.md")
    options = parser.parse_args(arguments)
    detectors = {name: create(name) for name in DETECTORS}
    with tempfile.TemporaryDirectory() as name:
        table = found(detectors, options.photographs or fetch(Path(name)))
    contents = {"found": markdown(table), "speed": markdown(speed(detectors))}
    if options.write:
        page = Path("docs/detectors.md")
        page.write_text(filled(page.read_text(encoding="utf-8"), contents), encoding="utf-8")
    else:
        sys.stdout.write("\n\n".join(contents.values()) + "\n")


if __name__ == "__main__":
    main()
