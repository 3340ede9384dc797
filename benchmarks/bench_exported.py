"""Size, speed and accuracy of exported models, as a table; the accuracy is that of the files themselves.

    python -m benchmarks.bench_exported [--private] [exported/vgg …]

Run `dvc repro ingest` before it. PrivateTest is looked at where --private asks for it: nobody should choose by it.
Faces a second are of one face after the other, as in a live picture, the face and its mirror image each, descriptors
included. Accuracies are those of ten views of each face.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from openfer import files as artifacts
from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS
from openfer.export.model_folder import AT_ONCE, MODEL, Bundle
from openfer.prediction.crops import TEN

ALONE = 200
"""Faces that are asked about one by one."""


def main(folders: Sequence[Path], private: bool) -> None:
    """Print a row a model.

    Args:
        folders: of exported models.
        private: also look at PrivateTest.
    """
    if not artifacts.IMAGES.exists():
        raise SystemExit(f"{artifacts.IMAGES} is not there: dvc repro ingest")
    images, labels, split = map(artifacts.load_array, (artifacts.IMAGES, artifacts.LABELS, artifacts.SPLIT))
    splits = (PUBLIC_TEST, PRIVATE_TEST) if private else (PUBLIC_TEST,)
    header = ["model", "MB", "faces/s", *(SPLITS[code] for code in splits)]
    sys.stdout.write(f"| {' | '.join(header)} |\n|---|{'--:|' * (len(header) - 1)}\n")
    for folder in folders:
        bundle = Bundle.load(folder)
        figures = [accuracy(bundle, images[split == code], labels[split == code]) for code in splits]
        size = (folder / MODEL).stat().st_size / 1e6
        speed = faces_a_second(bundle, images[:ALONE])
        cells = [bundle.facts["display_name"], f"{size:.1f}", f"{speed:.0f}", *(f"{figure:.2%}" for figure in figures)]
        sys.stdout.write(f"| {' | '.join(cells)} |\n")
        sys.stdout.flush()


def accuracy(bundle: Bundle, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of faces whose label is found."""
    starts = tqdm(range(0, len(images), AT_ONCE), desc=bundle.facts["name"], unit="batch", leave=False)
    found = [bundle.predict(images[start : start + AT_ONCE], TEN).argmax(axis=1) for start in starts]
    return float((np.concatenate(found) == labels).mean())


def faces_a_second(bundle: Bundle, images: np.ndarray) -> float:
    """Return how many faces are judged in a second, one by one."""
    bundle.predict(images[:1])
    started = time.perf_counter()
    for start in range(len(images)):
        bundle.predict(images[start : start + 1])
    return len(images) / (time.perf_counter() - started)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, help="exported models (all in exported/)")
    parser.add_argument("--private", action="store_true", help="also look at PrivateTest")
    given = parser.parse_args()
    main(given.folders or sorted(path.parent for path in artifacts.EXPORTED.glob(f"*/{MODEL}")), given.private)
