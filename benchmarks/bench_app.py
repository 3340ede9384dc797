"""The program on NASA's astronaut at 640 × 480: detectors side by side, the whole path, the live picture, the start.

    python -m benchmarks.bench_app [openfer/model]

The photograph is of scikit-image, which `make test` installs. What the detectors find is counted by
benchmarks/bench_detectors.py.
"""

import argparse
import functools
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np

from benchmarks.telling import tell
from openfer import MODEL
from openfer.app.webcam import Judge, Newest, show
from openfer.export.model_folder import ExportedModel
from openfer.faces.detectors import DETECTORS, create
from openfer.faces.predictor import Predictor
from openfer.faces.tracker import Tracker
from openfer.prediction.crops import PLAIN
from pipeline import paths
from tests.photos import astronaut

SECONDS = 3.0
"""How long each thing is done over and over."""


def main(folder: Path) -> None:
    """Print one figure a line."""
    model, photo = ExportedModel.load(folder), astronaut()
    detectors = {name: create(name) for name in DETECTORS}
    near = {"yunet, faces of 80 pixels at least": create(smallest=80)}
    for name, detector in (detectors | near).items():
        predictor = Predictor(model, detector)
        search, path = rate(detector, photo), rate(predictor, [photo])
        tell(f"{name}: search {search:.0f}/s, whole path {path:.0f}/s, live {live(predictor, photo):.0f} pictures/s")
    compare_classifiers(model)
    tell(f"start to first answer: {start(folder, photo):.1f} s")


def compare_classifiers(model: ExportedModel) -> None:
    """Print how much faster one face after the other is predicted than by `keras.Model.predict` of a plain network."""
    face = np.random.default_rng(0).integers(0, 256, (1, 48, 48), np.uint8)
    alone, path = rate(model.predict, face, [PLAIN]), paths.model_path(model.facts["name"])
    if model.facts["descriptors"]:
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", nargs="?", type=Path, default=MODEL)
    main(parser.parse_args().model)
