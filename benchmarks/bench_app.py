"""The program on NASA's astronaut at 640 × 480: detectors side by side, the whole path, the live picture, the start.

    python -m benchmarks.bench_app [exported/vgg]

Run `make app` before it. Faces are counted on pictures made of two portraits, with several faces, small ones, turned
ones, and on pictures without any.
"""

import argparse
import functools
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import skimage.data

from openfer import files as artifacts
from openfer.app.webcam import Judge, Newest, show
from openfer.export.model_folder import Bundle
from openfer.faces.alignment import find
from openfer.faces.detectors import DETECTORS
from openfer.faces.predictor import Predictor
from openfer.faces.tracker import Tracker
from openfer.prediction.crops import PLAIN
from tests.photos import astronaut, grace_hopper

SECONDS = 3.0
"""How long each thing is done over and over."""


def main(model: Path) -> None:
    """Print one figure a line."""
    bundle, photo = Bundle.load(model), astronaut()
    detectors = {name: make() for name, make in DETECTORS.items()}
    tell("pictures: faces found of those that are there")
    for name, (picture, there) in pictures().items():
        counts = ", ".join(f"{detector} {len(find(picture, finds))}" for detector, finds in detectors.items())
        tell(f"  {name}: {there} there; {counts}")
    near = {"blazeface, faces of 80 pixels at least": detectors["blazeface"].for_faces_of(80)}
    for name, detector in (detectors | near).items():
        predictor = Predictor(bundle, detector)
        search, path = rate(find, photo, detector), rate(predictor, [photo])
        tell(f"{name}: search {search:.0f}/s, whole path {path:.0f}/s, live {live(predictor, photo):.0f} pictures/s")
    compare_classifiers(bundle)
    for detector in detectors.values():
        detector.close()
    tell(f"start to first answer: {start(model, photo):.1f} s")


def pictures() -> Mapping[str, tuple[np.ndarray, int]]:
    """Return pictures with the number of faces in them."""
    one, other = astronaut(), cv2.resize(grace_hopper(), (410, 480), interpolation=cv2.INTER_AREA)
    turned = {
        f"turned by {angle}°": (cv2.warpAffine(one, cv2.getRotationMatrix2D((320, 240), angle, 1), (640, 480)), 1)
        for angle in (15, 30, 45)
    }
    small = {
        f"a face of {round(90 * scale)} pixels in 1,280 × 960": (placed(one, scale), 1) for scale in (0.7, 0.4, 0.25)
    }
    none = {name: (getattr(skimage.data, name)(), 0) for name in ("coffee", "chelsea", "rocket")}
    return {
        "one": (one, 1),
        "six": (np.vstack([np.hstack([one, other, one])] * 2), 6),
        **small,
        **turned,
        **{f"without a face ({name})": found for name, found in none.items()},
    }


def placed(picture: np.ndarray, scale: float) -> np.ndarray:
    """Return a picture reduced to `scale` in a large grey one."""
    large = np.full((960, 1280, 3), 96, np.uint8)
    reduced = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    large[200 : 200 + reduced.shape[0], 300 : 300 + reduced.shape[1]] = reduced
    return large


def compare_classifiers(bundle: Bundle) -> None:
    """Print how much faster one face after the other is judged than by `keras.Model.predict` of a plain network."""
    face = np.random.default_rng(0).integers(0, 256, (1, 48, 48), np.uint8)
    alone, path = rate(bundle.predict, face, [PLAIN]), artifacts.model_path(bundle.facts["name"])
    if bundle.facts["descriptors"]:
        tell(f"classifier: {alone:.0f} faces/s one by one, descriptors included")
        return
    if not path.exists():
        tell(f"classifier: {alone:.0f} faces/s one by one (no {path} here to compare with: dvc pull -r released)")
        return
    network = keras.models.load_model(path, compile=False)
    slow = rate(functools.partial(network.predict, face[..., np.newaxis], verbose=0))
    tell(f"classifier: {alone:.0f} faces/s one by one, {alone / slow:.1f}× keras.Model.predict")


class Film(threading.Thread):
    """A camera of 60 pictures a second."""

    def __init__(self, picture: np.ndarray) -> None:
        super().__init__(daemon=True)
        self.picture, self.frames, self.ended = picture, Newest(), False

    def run(self) -> None:
        """Deliver until `ended`."""
        while not self.ended:
            self.frames.put(self.picture)
            time.sleep(1 / 60)


def live(predictor: Predictor, photo: np.ndarray) -> float:
    """Return how many marked pictures a second a viewer of a camera of 60 pictures a second sees."""
    shown, until = [], time.perf_counter() + SECONDS

    def window(_: np.ndarray) -> bool:
        shown.append(1)
        return time.perf_counter() < until

    show(Film(photo), Judge(predictor, Tracker(smoothing=0.5)), window, None)
    return len(shown) / SECONDS


def start(model: Path, photo: np.ndarray) -> float:
    """Return the seconds from the start of the program to its answer, the second time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "astronaut.png"
        cv2.imwrite(str(path), photo[..., ::-1])
        command = [sys.executable, "-m", "openfer", "photo", str(path), "--json", "--model", str(model)]
        for _ in range(2):
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - started


def rate(work: Callable[..., Any], *arguments: Any) -> float:
    """Return how often `work` is done in a second."""
    work(*arguments)
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        work(*arguments)
        count += 1
    return count / (time.perf_counter() - started)


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", nargs="?", type=Path, default=artifacts.exported_path("vgg"))
    main(parser.parse_args().model)
