"""Size, speed and accuracy of exported models, as a table; the accuracy is that of the files themselves.

    python -m benchmarks.bench_exported [--private] [exported/vgg …]

Run `dvc repro ingest` before it. PrivateTest is evaluated only with --private: nobody should choose by it. Faces per
second are of one face after the other, as in a live picture, the face and its mirror image each, descriptors included.
Accuracies are those of ten crops of each face.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS
from openfer.errors import Refused
from openfer.evaluation.tables import markdown
from openfer.export.model_folder import AT_ONCE, MODEL, ExportedModel
from openfer.prediction.crops import TEN
from pipeline import arrays, paths
from stages import run

ALONE = 200
"""Faces that are predicted one by one."""


def main(folders: Sequence[Path], private: bool) -> None:
    """Print a row per model.

    Args:
        folders: of exported models.
        private: also evaluate PrivateTest.
    """
    images, labels, split = arrays.faces()
    splits = (PUBLIC_TEST, PRIVATE_TEST) if private else (PUBLIC_TEST,)
    rows = [["model", "MB", "faces/s", *(SPLITS[code] for code in splits)]]
    for folder in folders:
        model = loaded(folder)
        shares = [accuracy(model, images[split == code], labels[split == code]) for code in splits]
        size = (folder / MODEL).stat().st_size / 1e6
        speed = faces_per_second(model, images[:ALONE])
        rows.append([model.facts["display_name"], f"{size:.1f}", f"{speed:.0f}", *(f"{share:.2%}" for share in shares)])
    sys.stdout.write(f"{markdown(rows)}\n")


def loaded(folder: Path) -> ExportedModel:
    """Read an exported model of the classes of the ingested faces.

    Raises:
        Refused: it tells others apart.
    """
    model, emotions = ExportedModel.load(folder), tuple(arrays.emotions())
    if model.emotions != emotions:
        told = ", ".join(model.emotions)
        raise Refused(f"{folder} tells {told} apart, {paths.EMOTIONS} holds {', '.join(emotions)}: set data.emotions")
    return model


def accuracy(model: ExportedModel, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of faces whose label is predicted."""
    starts = tqdm(range(0, len(images), AT_ONCE), desc=model.facts["name"], unit="batch", leave=False)
    predicted = [model.predict(images[start : start + AT_ONCE], TEN).argmax(axis=1) for start in starts]
    return float((np.concatenate(predicted) == labels).mean())


def faces_per_second(model: ExportedModel, images: np.ndarray) -> float:
    """Return how many faces are predicted in a second, one by one."""
    model.predict(images[:1])
    started = time.perf_counter()
    for start in range(len(images)):
        model.predict(images[start : start + 1])
    return len(images) / (time.perf_counter() - started)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, help="exported models (all in exported/)")
    parser.add_argument("--private", action="store_true", help="also evaluate PrivateTest")
    options = parser.parse_args()
    exported = sorted(path.parent for path in paths.EXPORTED.glob(f"*/{MODEL}"))
    run(main, options.folders or exported, options.private)
